// Domain files and their faults.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/imported_names.h"
#include "support/checkout.h"

namespace rankloop {
namespace {

using Texts = std::vector<std::string>;

std::string file_text(const std::string& name) {
  std::ifstream in(in_checkout("domain/" + name));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A small good domain; `more` is added to it. Its last line is number 16.
std::string with(const std::string& more) {
  return "domain.name = 'test'\n"
         "request.noun = 'user'\n"
         "item.noun = 'thing'\n"
         "model.features = ['n', 'x']\n"
         "[[request.field]]\n"
         "name = 'n'\n"
         "type = 'int'\n"
         "[[item.field]]\n"
         "name = 'x'\n"
         "type = 'float'\n"
         "[[item.field]]\n"
         "name = 'maybe'\n"
         "type = 'float'\n"
         "required = false\n"
         "# the last line but one\n"
         "# the last line\n" +
         more;
}

// "LINE:COLUMN: message" of every fault.
Texts faults(const std::string& text) {
  const DomainCheck check = read_domain(text, "test.toml");
  EXPECT_EQ(check.domain == nullptr, !check.faults.empty());
  Texts texts;
  for (const DomainFault& fault : check.faults) {
    texts.push_back(std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.message);
  }
  return texts;
}

Texts faults_of(const std::string& more) {
  return faults(with(more));
}

std::vector<std::string> names(std::span<const Field> fields) {
  std::vector<std::string> found;
  for (const Field& field : fields) found.push_back(field.name);
  return found;
}

TEST(DefaultDomain, HasTheFieldsOfTheContract) {
  const auto domain = default_domain();
  EXPECT_TRUE(domain->built_in);
  EXPECT_EQ(domain->name, "locations");
  EXPECT_EQ(domain->item.one + " " + domain->item.many + " " + domain->item_id_field,
            "location locations location_id");
  EXPECT_EQ(domain->request.one + " " + domain->request.many, "user users");
  EXPECT_EQ(names(domain->requests.fields()),
            (Texts{"name", "people_num", "people_age", "children_num", "budget", "nights", "time_arrival",
                   "pool", "spa", "pet_friendly", "lake", "mountain", "sport"}));
  EXPECT_EQ(
      names(domain->items.fields()),
      (Texts{
          "creation_time",  "lat",       "lon",           "children",       "breakfast",   "lunch",
          "dinner",         "price",     "has_pool",      "has_spa",        "animals",     "near_lake",
          "near_mountains", "has_sport", "family_rating", "outdoor_rating", "food_rating", "leisure_rating",
          "service_rating", "user_score"}));
  EXPECT_EQ(domain->crosses.size(), 10U);
  EXPECT_TRUE(domain->rules.empty());
}

TEST(DefaultDomain, HasTheThirtyFeaturesInTheContractsOrder) {
  const auto domain = default_domain();
  const Texts wanted = {
      "people_num",     "children_num",   "budget",     "nights",        "pool",           "spa",
      "pet_friendly",   "lake",           "mountain",   "sport",         "children",       "breakfast",
      "lunch",          "dinner",         "price",      "has_pool",      "has_spa",        "animals",
      "near_lake",      "near_mountains", "has_sport",  "family_rating", "outdoor_rating", "food_rating",
      "leisure_rating", "service_rating", "user_score", "age_min",       "age_max",        "age_std"};
  ASSERT_EQ(domain->features.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Feature& feature = domain->features[i];
    EXPECT_EQ(feature.name, wanted[i]);
    const Schema& schema = feature.side == Side::kItem ? domain->items : domain->requests;
    EXPECT_EQ(schema.columns()[feature.column], wanted[i]);
  }
}

TEST(DefaultDomain, FingerprintsAreHexDigests) {
  const auto domain = default_domain();
  for (const std::string& print : {domain->fingerprint, domain->feature_fingerprint}) {
    EXPECT_EQ(print.size(), 64U);
    EXPECT_EQ(print.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  EXPECT_NE(domain->fingerprint, domain->feature_fingerprint);
}

TEST(FlightsDomain, ReadsATicketAndRulesItsMarket) {
  const DomainCheck check = read_domain(file_text("flights.toml"), "flights.toml");
  ASSERT_TRUE(check.domain);
  const Domain& domain = *check.domain;
  const std::vector<std::string> header = {"id_case",     "id_alt",  "choice",       "traveler", "origin",
                                           "destination", "nb_cnxs", "elapsed_time", "fare_hy",  "fare_ly",
                                           "equipment",   "carrier", "timeperiod"};
  const std::vector<std::string_view> cells = {"1",   "1",         "0", "1", "444", "222", "1",
                                               "300", "470.55658", "0", "1", "3",   "7"};
  const auto record = domain.items.check_cells(header, cells, {});
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->unknown_fields, 1U);
  EXPECT_EQ(record->values.numbers[*domain.items.column("fare")], 470.55658);
  EXPECT_EQ(record->values.numbers[*domain.items.column("carrier_3")], 1);
  EXPECT_EQ(record->values.numbers[*domain.items.column("carrier_1")], 0);
  ASSERT_EQ(domain.rules.size(), 3U);
  EXPECT_EQ(domain.rules[0].text, "item.origin == request.origin");
  EXPECT_EQ(domain.rules[0].must.left.column, domain.items.column("origin"));
  EXPECT_EQ(domain.rules[0].must.right.column, domain.requests.column("origin"));
  EXPECT_EQ(domain.item.many, "itineraries");
}

TEST(DomainFile, TakesASmallDomainWithItsDefaults) {
  const DomainCheck check = read_domain(with("[[rule]]\nmust = 'item.x <= 2.5'\n"), "test.toml");
  ASSERT_TRUE(check.domain);
  EXPECT_EQ(check.domain->request.many, "users");
  EXPECT_EQ(check.domain->item_id_field, "thing_id");
  EXPECT_FALSE(check.domain->built_in);
  EXPECT_EQ(check.domain->rules[0].must.right.constant, 2.5);
  EXPECT_FALSE(check.domain->rules[0].must.right.side);
  EXPECT_EQ(check.domain->source, with("[[rule]]\nmust = 'item.x <= 2.5'\n"));
}

TEST(DomainFile, ReportsASyntaxErrorAtItsPlace) {
  const Texts found = faults("[domain\nname = 1\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].substr(0, 2), "1:");
}

TEST(DomainFile, ReportsMissingTables) {
  EXPECT_EQ(faults("[domain]\nname = 'x'\n"),
            (Texts{"1:1: the table [request] is missing", "1:1: the table [item] is missing",
                   "1:1: the table [model] is missing"}));
}

TEST(DomainFile, SuggestsTheNearestKey) {
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'int'\nminimun = 3\n"),
            Texts{"20:1: unknown key \"minimun\", did you mean \"minimum\"?"});
  EXPECT_EQ(faults_of("[rules]\n"), Texts{"17:2: unknown key \"rules\", did you mean \"rule\"?"});
}

TEST(DomainFile, ReportsEveryFaultInFileOrder) {
  EXPECT_EQ(
      faults_of("[[item.field]]\nname = 'x'\ntype = 'int'\n"
                "[[item.field]]\nname = 'y'\ntype = 'integer'\n"
                "[[item.field]]\nname = '1z'\ntype = 'int'\nminimum = 4\nmaximum = 2\n"),
      (Texts{
          "18:8: the name \"x\" is declared twice",
          "22:8: type should be int, float, bool, date, time, string, int_list, category, tags, text, "
          "vector or place, not \"integer\"",
          "24:8: the name \"1z\" should be a letter, then letters, digits and underscores, at most 64 in all",
          "26:11: minimum 4 is larger than maximum 2"}));
}

TEST(DomainFile, RefusesNamesThatTheApiUses) {
  for (const char* name : {"thing_id", "score"}) {
    const Texts found = faults_of("[[item.field]]\nname = '" + std::string{name} + "'\ntype = 'int'\n");
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_NE(found[0].find("is used by the API itself"), std::string::npos) << found[0];
  }
  EXPECT_EQ(faults_of("[[request.field]]\nname = 'user_key'\ntype = 'string'\n").size(), 1U);
}

TEST(DomainFile, RefusesNounsThatAreNoWordsOrTaken) {
  const std::string rest =
      "domain.name = 't'\nmodel.features = ['x']\nitem.field = [{name = 'x', type = 'int'}]\n";
  EXPECT_EQ(faults(rest + "request.noun = 'User x'\nitem.noun = 'thing'\n"),
            Texts{"4:16: noun should be a lower-case word, as \"location\", not \"User x\""});
  EXPECT_EQ(faults(rest + "request.noun = 'thing'\nitem.noun = 'thing'\n"),
            (Texts{"3:1: the word \"things\" is already used for something else",
                   "5:13: the word \"thing\" is already used for something else"}));
  EXPECT_EQ(faults(rest + "request.noun = 'result'\nitem.noun = 'thing'\n").size(), 2U)
      << "both words are taken";
}

TEST(DomainFile, NamesTheColumnsThatFieldsAreImportedFrom) {
  const std::string field = "[[item.field]]\nname = 'y'\ntype = 'int'\ncolumn = 'Price (EUR)'\n";
  const DomainCheck check = read_domain(with(field), "test.toml");
  ASSERT_TRUE(check.domain);
  const ImportedNames names(*check.domain, Side::kItem);
  EXPECT_EQ(names.column_of("y"), "Price (EUR)");
  EXPECT_EQ(names.column_of("x"), "");
  EXPECT_EQ(faults_of(field + "[[item.field]]\nname = 'z'\ntype = 'int'\ncolumn = 'Price (EUR)'\n"),
            Texts{"24:10: the column \"Price (EUR)\" is that of another field already"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'int'\ncolumn = ''\n"),
            Texts{"20:10: column should have 1 to 255 bytes"});
  EXPECT_EQ(faults_of("[[candidate.field]]\nname = 'y'\ntype = 'int'\ncolumn = 'a'\n").size(), 1U)
      << "no import brings candidates";
}

TEST(DomainFile, NamesTheColumnThatIdsOfItemsAreImportedFrom) {
  const std::string id = "item.id = {field = 'sku', column = 'Article No'}\n";
  const DomainCheck check = read_domain(id + with(""), "test.toml");
  ASSERT_TRUE(check.domain);
  const ImportedNames names(*check.domain, Side::kItem);
  EXPECT_EQ(names.column_of("sku"), "Article No");
  EXPECT_EQ(check.domain->fingerprint,
            read_domain("item.id = 'sku'\n" + with(""), "test.toml").domain->fingerprint);
  const std::string taken = "[[item.field]]\nname = 'y'\ntype = 'int'\ncolumn = 'Article No'\n";
  const DomainCheck twice = read_domain(id + with(taken), "test.toml");
  ASSERT_EQ(twice.faults.size(), 1U);
  EXPECT_EQ(twice.faults.front().message, "the column \"Article No\" is that of another field already");
  EXPECT_EQ(read_domain("item.id = {column = ''}\n" + with(""), "test.toml").faults.front().message,
            "column should have 1 to 255 bytes");
}

TEST(DomainFile, SaysWhetherIdsOfItemsAreTexts) {
  const auto id = [](const std::string& id) {
    return read_domain("item.id = " + id + "\n" + with(""), "test.toml");
  };
  const auto text = id("{field = 'sku', type = 'string'}").domain;
  ASSERT_TRUE(text);
  EXPECT_EQ(text->item_id_field, "sku");
  EXPECT_EQ(text->item_id_type, ItemIdType::kText);
  EXPECT_EQ(id("{type = 'string'}").domain->item_id_field, "thing_id");
  for (const char* number : {"'sku'", "{field = 'sku'}", "{field = 'sku', type = 'int'}"}) {
    const auto domain = id(number).domain;
    ASSERT_TRUE(domain) << number;
    EXPECT_EQ(domain->item_id_field, "sku");
    EXPECT_EQ(domain->item_id_type, ItemIdType::kNumber);
    EXPECT_EQ(domain->fingerprint, id("'sku'").domain->fingerprint);
  }
  EXPECT_NE(text->fingerprint, id("'sku'").domain->fingerprint);
  EXPECT_EQ(text->feature_fingerprint, id("'sku'").domain->feature_fingerprint);
}

TEST(DomainFile, RefusesIdsThatAreNeitherNumbersNorTexts) {
  const auto id = [](const std::string& id) { return faults("item.id = " + id + "\n" + with("")); };
  EXPECT_EQ(id("{field = 'sku', type = 'uuid'}"),
            Texts{"1:34: type should be \"int\" or \"string\", not \"uuid\""});
  EXPECT_EQ(id("{field = 'a b'}"),
            Texts{"1:11: id should be a letter, then letters, digits and underscores, not \"a b\""});
  EXPECT_EQ(id("{fild = 'sku'}"), Texts{"1:12: unknown key \"fild\", did you mean \"field\"?"});
  EXPECT_EQ(id("7").size(), 1U);
  EXPECT_EQ(faults("item.id = {field = 'x', type = 'string'}\n" + with("")).size(), 1U)
      << "there is a field x";
}

TEST(DomainFile, ChecksDefaultsAgainstTheirField) {
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'int'\nmaximum = 3\ndefault = 7\n"),
            Texts{"21:11: the default should be at most 3, not 7"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'bool'\nrequired = true\ndefault = true\n"),
            Texts{"21:11: a field with a default is not required: leave `required` out"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'date'\ndefault = 2026-03-01\n"), Texts{});
}

TEST(DomainFile, RefusesBoundsThatDoNotFitTheType) {
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'bool'\nminimum = 0\n"),
            Texts{"20:11: minimum does not fit a field of type bool"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'int'\nminimum = 0.5\n"),
            Texts{"20:11: minimum of whole numbers should be a whole number within ±2^53, not 0.5"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'date'\nminimum = 5\n"),
            Texts{"20:11: minimum of a date should be a date, as 2026-03-01"});
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'y'\ntype = 'string'\nmin_length = 5\nmax_length = 4\n"),
            Texts{"20:14: min_length 5 is larger than max_length 4"});
}

TEST(DomainFile, RefusesFeaturesThatAreNoInput) {
  std::string text = with("");
  text.replace(text.find("['n', 'x']"), 10, "['m', 'maybe', 'x', 'x', 'request.x']");
  EXPECT_EQ(faults(text), (Texts{"4:19: there is no field \"m\"", "4:38: the feature \"x\" is listed twice",
                                 "4:43: there is no field \"x\" in [request]"}));
}

TEST(DomainFile, AsksWhichSideAnAmbiguousFeatureIsOf) {
  EXPECT_EQ(faults_of("[[request.field]]\nname = 'x'\ntype = 'int'\n"),
            Texts{"4:24: both sides have \"x\"; write request.x or item.x"});
}

TEST(DomainFile, RefusesDerivedFieldsThatCannotBeComputed) {
  const auto derived = [](const std::string& rest) {
    return faults_of("[[item.derived]]\nname = 'd'\n" + rest);
  };
  EXPECT_EQ(derived("how = 'mean'\nof = 'x'\n"), Texts{"20:6: \"x\" is a number, not a list of numbers"});
  EXPECT_EQ(derived("how = 'sum'\nof = 'x'\n"), Texts{"20:6: of should name two fields, as [\"a\", \"b\"]"});
  EXPECT_EQ(derived("how = 'sum'\nof = ['x', 'y']\n"), Texts{"20:12: there is no field \"y\" above"});
  EXPECT_EQ(derived("how = 'summ'\nof = ['x', 'x']\n").at(0).substr(0, 5), "19:7:");
  EXPECT_EQ(derived("how = 'equals'\nof = 'x'\n"),
            Texts{"17:1: value is missing here: equals compares with it"});
}

TEST(DomainFile, RefusesCrossesOfWhatIsNoNumber) {
  EXPECT_EQ(faults_of("[[item.field]]\nname = 'word'\ntype = 'string'\n"
                      "[[cross]]\nname = 'c'\nhow = 'product'\nrequest = 'n'\nitem = 'word'\n"),
            Texts{"24:8: \"word\" in [item] is a word, no number"});
  EXPECT_EQ(faults_of("[[cross]]\nname = 'x'\nhow = '=>'\nrequest = 'n'\nitem = 'x'\n").size(), 2U);
}

TEST(DomainFile, RefusesChecksOfUnknownFields) {
  EXPECT_EQ(faults_of("[[item.check]]\nmust = 'x < y'\nmessage = 'm'\n"),
            Texts{"18:8: there is no field \"y\""});
  EXPECT_EQ(faults_of("[[item.check]]\nmust = 'x'\nmessage = 'm'\n"),
            Texts{"18:8: must should read FIELD == FIELD (or !=, <, <=, >, >=), not \"x\""});
}

TEST(DomainFile, TakesRulesOnlyOverNumbersThatStayExact) {
  const auto rule = [](const std::string& must) { return faults_of("[[rule]]\nmust = '" + must + "'\n"); };
  EXPECT_EQ(rule("item.x == 3"),
            Texts{"18:8: item.x is no whole number; a rule can only order it (<, <=, >, >=)"});
  EXPECT_EQ(rule("item.maybe <= 3"), Texts{}) << "an absent value breaks the rule";
  EXPECT_EQ(rule("item.x <= request.n"),
            Texts{"18:8: request.n should declare a minimum and a maximum within "
                  "±16777216 (2^24), so that a rule compares it exactly"});
  EXPECT_EQ(rule("item.x <= 0.1"),
            Texts{"18:8: the number 0.1 is not exact in single precision; choose a near one"});
  EXPECT_EQ(rule("item.y <= request.m"),
            (Texts{"18:8: there is no field item.y", "18:8: there is no field request.m"}));
  EXPECT_EQ(rule("request.n == item.x").size(), 2U);
}

TEST(DomainFile, ReportsABrokenFieldOnce) {
  std::string text =
      with("[[rule]]\nmust = 'item.x <= 3'\n[[cross]]\nname='c'\nhow='and'\nrequest='n'\nitem='x'\n");
  text.replace(text.find("type = 'float'"), 14, "type = 'real'");
  EXPECT_EQ(
      faults(text),
      Texts{"10:8: type should be int, float, bool, date, time, string, int_list, category, tags, text, "
            "vector or place, not \"real\""});
}

TEST(DomainFile, LimitsItsSize) {
  EXPECT_EQ(faults(std::string(1 << 20, '\n') + "#").size(), 1U);
  std::string many;
  for (int i = 0; i < 511; ++i) many += "[[item.field]]\nname = 'f" + std::to_string(i) + "'\ntype = 'int'\n";
  EXPECT_FALSE(faults_of(many).empty());
}

TEST(Cross, ComputesItsNumber) {
  const auto value = [](CrossOp op, double request, double item) {
    return cross_value({"c", op, Comparison::kGreaterEqual, 0, 0}, request, item);
  };
  EXPECT_EQ(value(CrossOp::kAnd, 2, 1), 1);
  EXPECT_EQ(value(CrossOp::kAnd, 2, 0), 0);
  EXPECT_EQ(value(CrossOp::kProduct, 2, 3), 6);
  EXPECT_EQ(value(CrossOp::kDifference, 2, 3), -1);
  EXPECT_EQ(value(CrossOp::kRatio, 3, 2), 1.5);
  EXPECT_EQ(value(CrossOp::kRatio, 3, 0), 0);
  EXPECT_EQ(value(CrossOp::kCompare, 3, 3), 1);
  EXPECT_EQ(value(CrossOp::kCompare, 2, 3), 0);
}

}  // namespace
}  // namespace rankloop
