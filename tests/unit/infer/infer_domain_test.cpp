// Whole tables: ids, histories, requests, crosses, and files that are none.
#include "infer/infer_domain.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/imported_names.h"

namespace rankloop::infer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

SourceTable table(const std::string& file, std::string_view text) {
  return {file, tables::Bytes(text)};
}

Result<Inferred> infer(std::string_view items, std::string_view history = {}, std::string_view requests = {},
                       const Options& options = {}) {
  Sources sources{table("films.csv", items), std::nullopt, std::nullopt};
  if (!history.empty()) sources.history = table("log.csv", history);
  if (!requests.empty()) sources.requests = table("requests.csv", requests);
  return infer_domain(sources, options);
}

// The domain that the file makes.
std::shared_ptr<const Domain> domain_of(const Inferred& inferred) {
  const DomainCheck check = read_domain(inferred.text, "inferred");
  for (const DomainFault& fault : check.faults) ADD_FAILURE() << fault.line << ": " << fault.message;
  return check.domain;
}

const ColumnReport& report_of(const Inferred& inferred, std::string_view table, std::string_view column) {
  static const ColumnReport kNone;
  for (const ColumnReport& each : inferred.columns) {
    if (each.table == table && each.column == column) return each;
  }
  ADD_FAILURE() << "no column " << table << '.' << column;
  return kNone;
}

std::string role(const Inferred& inferred, std::string_view table, std::string_view column) {
  return report_of(inferred, table, column).role;
}

std::vector<std::string> crosses_of(const Domain& domain) {
  std::vector<std::string> names;
  for (const Cross& cross : domain.crosses) names.push_back(cross.name);
  return names;
}

constexpr std::string_view kFilms =
    "film_id,title,genre,tags,price,where,look,added\n"
    "11,One,drama,a|b,9.5,\"52.5,13.4\",1 0.5 2,2026-01-01\n"
    "12,Two,comedy,b|c,1.25,\"48.1,11.6\",0 1.5 2,2026-01-02\n"
    "13,Three,drama,a|c,3.5,\"50.1,8.7\",1 0.5 0,2026-01-03\n"
    "14,Four,war,a|b|c,4.5,\"53.6,9.9\",3 0.5 2,2026-01-04\n";

TEST(InferDomain, NamesThingsByTheFileAndFindsTheId) {
  const auto inferred = infer(kFilms);
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->id_column, "film_id");
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->name, "films");
  EXPECT_EQ(domain->item.one, "film");
  EXPECT_EQ(domain->item.many, "films");
  EXPECT_EQ(domain->item_id_field, "film_id");
  EXPECT_TRUE(domain->rules.empty());
  EXPECT_EQ(report_of(*inferred, "items", "where").type, "place");
}

TEST(InferDomain, TakesTextsForIdsWhereTheyAreNoWholeNumbersFromOneOn) {
  const auto inferred = infer("sku,title\nA-1,x\nA-2,y\n");
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->id_column, "sku");
  EXPECT_EQ(report_of(*inferred, "items", "sku").role, "id");
  EXPECT_THAT(inferred->text, HasSubstr(R"(id = {field = "sku", type = "string"})"));
  const auto domain = domain_of(*inferred);
  EXPECT_EQ(domain->item_id_field, "sku");
  EXPECT_EQ(domain->item_id_type, ItemIdType::kText);
  EXPECT_EQ(domain->items.field("sku"), nullptr);
  EXPECT_EQ(domain_of(*infer("id,title\n0,x\n1,y\n"))->item_id_type,
            ItemIdType::kText);  // numbers begin at 1
  EXPECT_EQ(domain_of(*infer("id,title\n007,x\n1,y\n"))->item_id_type, ItemIdType::kText);
}

TEST(InferDomain, NumbersRowsThatHaveNoIdOfTheirOwn) {
  const auto twice = infer("id,title\nA,x\nA,y\n");
  EXPECT_EQ(twice->id_column, "");
  EXPECT_THAT(twice->text, HasSubstr("--number-rows"));
  EXPECT_EQ(domain_of(*twice)->item_id_type, ItemIdType::kNumber);
  EXPECT_EQ(infer("id,title\n" + std::string(65, 'x') + ",x\nB,y\n")->id_column, "");
}

TEST(InferDomain, FindsTextsOfItemsInAHistory) {
  const auto inferred =
      infer("sku,title\nA-1,x\nA-2,y\n", "session_id,sku,clicked\n1,A-1,0\n1,A-2,1\n2,A-2,0\n2,A-1,1\n");
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->history_columns.item, "sku");
  EXPECT_TRUE(inferred->history_columns.importable);
}

Result<Inferred> corrected(std::vector<Correction> corrections, std::optional<std::string> id = {}) {
  Options options;
  options.corrections = std::move(corrections);
  options.id_column = std::move(id);
  return infer(kFilms, {}, {}, options);
}

TEST(InferDomain, TakesTheTypeThatSomebodyChose) {
  const auto inferred =
      corrected({{.column = "genre", .type = "string"}, {.column = "price", .type = "category"}});
  ASSERT_TRUE(inferred) << inferred.error().message;
  const auto domain = domain_of(*inferred);
  EXPECT_EQ(domain->items.field("genre")->type, FieldType::kString);
  EXPECT_EQ(domain->items.field("price")->type, FieldType::kCategory);
  EXPECT_THAT(inferred->text, Not(HasSubstr("of = \"price\"")));  // no logarithm of words
}

TEST(InferDomain, SaysWhichRowAChosenTypeRefusesAndKeepsIt) {
  const auto inferred = corrected({{.column = "title", .type = "int"}});
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(report_of(*inferred, "items", "title").type, "int");
  EXPECT_THAT(report_of(*inferred, "items", "title").doubts,
              Contains(HasSubstr("refuses rows as it was chosen: line 2")));
}

TEST(InferDomain, LeavesOutAndLoosensAsSomebodySays) {
  const auto inferred = corrected({{.column = "look", .ignored = true},
                                   {.column = "price", .required = false, .feature = false},
                                   {.column = "genre", .closed = true}});
  ASSERT_TRUE(inferred) << inferred.error().message;
  const auto domain = domain_of(*inferred);
  EXPECT_EQ(domain->items.field("look"), nullptr);
  EXPECT_FALSE(domain->items.field("price")->required);
  EXPECT_THAT(domain->items.field("genre")->values,
              ::testing::UnorderedElementsAre("drama", "comedy", "war"));
  for (const Feature& feature : domain->features) EXPECT_NE(feature.name, "price");
}

TEST(InferDomain, TakesTheIdThatSomebodyChoseOrNone) {
  const auto numbered = corrected({}, "");
  ASSERT_TRUE(numbered);
  EXPECT_EQ(numbered->id_column, "");
  EXPECT_EQ(role(*numbered, "items", "film_id"), "field");
  EXPECT_EQ(corrected({}, "film_id")->id_column, "film_id");
  EXPECT_EQ(corrected({}, "title")->id_column, "title");
  EXPECT_THAT(corrected({}, "genre").error().message, HasSubstr("'genre' has the same cell in several rows"));
}

TEST(InferDomain, RefusesCorrectionsOfWhatIsNotThere) {
  EXPECT_THAT(corrected({{.column = "stars"}}).error().message, HasSubstr("no column 'stars'"));
  EXPECT_THAT(corrected({{.column = "title", .type = "word"}}).error().message,
              ::testing::AllOf(HasSubstr("'word'"), HasSubstr("int_list")));
}

TEST(InferDomain, ClosesNothingByAPartOfATable) {
  Options options;
  options.part = true;
  const auto inferred = infer(kFilms, {}, {}, options);
  ASSERT_TRUE(inferred);
  EXPECT_FALSE(inferred->items.whole_file);
  EXPECT_FALSE(domain_of(*inferred)->items.field("price")->required);
}

TEST(InferDomain, LeavesNamesToTheApiAndMakesFieldsOfNamesWithBlanks) {
  const auto inferred =
      infer("id,score,Miles per Gallon,,价格,title,1st\n1,3,20.5,a,b,c,4\n2,4,30.5,b,c,d,5\n");
  ASSERT_TRUE(inferred);
  const auto domain = domain_of(*inferred);
  EXPECT_NE(domain->items.field("Miles_per_Gallon"), nullptr);
  EXPECT_NE(domain->items.field("n_1st"), nullptr);
  EXPECT_EQ(domain->items.field("score"), nullptr);
  EXPECT_EQ(role(*inferred, "items", "score"), "ignored");
  EXPECT_EQ(role(*inferred, "items", "价格"), "ignored");
  EXPECT_EQ(role(*inferred, "items", ""), "ignored");
}

TEST(InferDomain, ReadsTheRolesOfAHistory) {
  const auto inferred = infer(kFilms,
                              "search_id,user_id,timestamp,device,film_id,position,clicked,margin\n"
                              "s1,u1,1700000000,phone,11,1,0,5\ns1,u1,1700000000,phone,12,2,1,6\n"
                              "s2,u1,1700000100,tablet,13,1,1,5\ns2,u1,1700000100,tablet,11,2,0,7\n"
                              "s3,u2,1700000200,phone,14,1,0,5\ns3,u2,1700000200,phone,12,2,0,6\n");
  ASSERT_TRUE(inferred) << inferred.error().message;
  const HistoryColumnNames& names = inferred->history_columns;
  EXPECT_TRUE(names.importable);
  EXPECT_EQ(names.request, "search_id");
  EXPECT_EQ(names.person, "user_id");
  EXPECT_EQ(names.moment, "timestamp");
  EXPECT_EQ(names.item, "film_id");
  EXPECT_EQ(names.pick, "clicked");
  EXPECT_EQ(role(*inferred, "history", "position"), "position");
  EXPECT_EQ(role(*inferred, "history", "device"), "field");
  EXPECT_EQ(role(*inferred, "history", "margin"), "ignored");
  EXPECT_NE(domain_of(*inferred)->requests.field("device"), nullptr);
}

TEST(InferDomain, TakesWhatAPersonSawForARequestWhereNoneIsNamed) {
  const auto inferred = infer(kFilms,
                              "userId,film_id,rating,timestamp\n1,11,4.5,1700000000\n1,12,3,1700000001\n"
                              "2,13,5,1700000002\n2,11,1,1700000009\n");
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->history_columns.request, "userId");
  EXPECT_EQ(inferred->history_columns.pick, "rating");
  EXPECT_EQ(inferred->history_columns.moment, "");  // changes within a request
  EXPECT_THAT(inferred->doubts, Contains(HasSubstr("all rows of a person count as one")));
  EXPECT_THAT(inferred->doubts, Contains(HasSubstr("weights of picks")));
}

TEST(InferDomain, NumbersTheRowsOfATableThatIsBothItemsAndHistory) {
  const std::string text = "case,choice,origin,fare\n1,0,x,10.5\n1,9,x,11.5\n2,1,y,12.5\n2,0,y,9.5\n";
  const auto inferred = infer(text, text);
  ASSERT_TRUE(inferred);
  EXPECT_TRUE(inferred->history_columns.number_rows);
  EXPECT_TRUE(inferred->history_columns.importable);
  EXPECT_EQ(role(*inferred, "items", "choice"), "ignored");  // what was picked is nothing to rank by
  EXPECT_EQ(role(*inferred, "items", "fare"), "field");
  EXPECT_THAT(crosses_of(*domain_of(*inferred)), Contains("same_origin"));
}

TEST(InferDomain, TakesNoPlaceOfAPersonForThePerson) {
  const auto inferred = infer(
      kFilms,
      "srch_id,visitor_country_id,film_id,click_bool,booking_bool,date_time\n"
      "1,5,11,0,0,2026-01-01 10:00:00\n1,5,12,1,1,2026-01-01 10:00:00\n2,6,13,0,0,2026-01-02 11:00:00\n");
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->history_columns.person, "");
  EXPECT_EQ(inferred->history_columns.pick, "click_bool");
  EXPECT_THAT(report_of(*inferred, "history", "booking_bool").doubts,
              Contains(HasSubstr("may say what was picked, too")));
  EXPECT_THAT(inferred->text, Not(HasSubstr("date_time_length")));
}

TEST(InferDomain, DoubtsAHistoryThatCannotBeImported) {
  const auto scattered = infer(kFilms, "session,film_id,clicked\na,11,0\nb,12,1\na,13,0\n");
  ASSERT_TRUE(scattered);
  EXPECT_FALSE(scattered->history_columns.importable);
  EXPECT_THAT(scattered->doubts, Contains(HasSubstr("do not stand together")));
  const auto nameless = infer(kFilms, "film_id,clicked\n11,0\n12,1\n");
  EXPECT_FALSE(nameless->history_columns.importable);
  EXPECT_THAT(nameless->doubts, Contains(HasSubstr("no column names the request")));
}

TEST(InferDomain, CrossesWhatSpeaksOfTheSame) {
  const auto inferred = infer(
      kFilms, {},
      "request_id,budget,genre,preferred_tags,home,look,on\n"
      "1,10,drama,a|b,\"52.5,13.4\",1 0.5 1,2026-02-01\n2,5,war,b|c,\"48.5,11.4\",1 2.5 1,2026-02-02\n"
      "3,6,drama,a|c,\"50.5,9.4\",0 0.5 1,2026-02-03\n4,20,comedy,a|b|c,\"51.5,7.4\",3 0.5 1,2026-02-04\n");
  ASSERT_TRUE(inferred) << inferred.error().message;
  const auto domain = domain_of(*inferred);
  const auto names = crosses_of(*domain);
  for (const std::string name :
       {"within_price", "ratio_price", "same_genre", "share_tags", "km_where", "cosine_look", "days_added"})
    EXPECT_THAT(names, Contains(name));
  EXPECT_THAT(inferred->text, HasSubstr("# must = \"item.genre == request.genre\""));
  EXPECT_EQ(role(*inferred, "requests", "request_id"), "ignored");
  for (const Field& field : domain->requests.fields()) EXPECT_FALSE(field.required) << field.name;
  // What is proposed is good, once its marks are gone.
  std::string text = inferred->text;
  for (std::size_t at; (at = text.find("\n# [[rule]]")) != std::string::npos;) text.erase(at + 1, 2);
  for (std::size_t at; (at = text.find("\n# must")) != std::string::npos;) text.erase(at + 1, 2);
  for (std::size_t at; (at = text.find("\n# absent")) != std::string::npos;) text.erase(at + 1, 2);
  text.replace(text.find("type = \"int\"", text.find("\"budget\"")), 12, "type = \"float\"");
  const DomainCheck check = read_domain(text, "with rules");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  EXPECT_EQ(check.domain->rules.size(), 3);
}

TEST(InferDomain, MatchesTextsOfBothSides) {
  const std::string prose =
      "is a long text about what happens in it and told from its beginning to its very end";
  std::string items = "id,title,plot\n", requests = "request_id,query\n";
  for (int i = 1; i <= 20; ++i) {
    const std::string number = std::to_string(i);
    items +=
        number + ",A title of number " + number + ",Number " + number + " " + prose + " " + number + "\n";
    requests += number + ",what number " + number + " tells\n";
  }
  const auto inferred = infer(items, {}, requests);
  ASSERT_TRUE(inferred) << inferred.error().message;
  const auto domain = domain_of(*inferred);
  EXPECT_THAT(crosses_of(*domain), UnorderedElementsAre("match_title", "match_plot"));
  for (const Cross& cross : domain->crosses) EXPECT_EQ(cross.op, CrossOp::kMatch);
}

TEST(InferDomain, DerivesLogarithmsHoursAndLengths) {
  std::string text = "id,views,created_at,name,year\n";
  for (int i = 1; i <= 60; ++i) {
    text += std::to_string(i) + "," + std::to_string(i == 60 ? 90'000 : i) + "," +
            std::to_string(1'600'000'000 + i * 5'000) + ",name " + std::to_string(i) + "," +
            std::to_string(1950 + i) + "\n";
  }
  const auto domain = domain_of(infer(text).value());
  std::vector<std::string> names;
  for (const Feature& feature : domain->features) names.push_back(feature.name);
  for (const std::string name :
       {"log_views", "created_at_hour", "created_at_weekday", "name_length", "year_period"})
    EXPECT_THAT(names, Contains(name));
  EXPECT_THAT(names, Not(Contains("views")));
  EXPECT_THAT(names, Not(Contains("name")));
}

TEST(InferDomain, LooksAtASampleAndSaysSo) {
  std::string text = "id,size\n";
  for (int i = 1; i <= 50; ++i) text += std::to_string(i) + ",S\n";
  text += "51,\n";
  const auto part = infer(text, {}, {}, {.sample = 50});
  ASSERT_TRUE(part);
  EXPECT_FALSE(part->items.whole_file);
  EXPECT_EQ(part->items.rows, 50);
  EXPECT_THAT(part->text, HasSubstr("the first 50 rows"));
  EXPECT_FALSE(domain_of(*part)->items.field("size")->required);
  EXPECT_TRUE(infer(text)->items.whole_file);
}

TEST(InferDomain, MakesATextOfWhatRefusesARow) {
  // The second set has an empty word.
  const auto inferred = infer("id,tags\n1,\"[\"\"a\"\",\"\"b\"\"]\"\n2,\"[\"\"\"\"]\"\n");
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(report_of(*inferred, "items", "tags").type, "string");
  EXPECT_THAT(report_of(*inferred, "items", "tags").doubts,
              Contains(HasSubstr("does not hold for every row")));
}

TEST(InferDomain, RefusesWhatIsNoTableInOneSentence) {
  const auto message = [](std::string_view text) {
    const auto inferred = infer(text);
    return inferred ? std::string{"no error"} : inferred.error().message;
  };
  EXPECT_THAT(message(""), HasSubstr("is empty"));
  EXPECT_THAT(message("id,name\n"), HasSubstr("a header and no row"));
  EXPECT_THAT(message("{\"id\": 1\n"), HasSubstr("no line that is a JSON object"));
  EXPECT_THAT(message("1,2,3\n4,5,6\n"), HasSubstr("no names of columns"));
  EXPECT_THAT(message("a,a\n1,2\n"), HasSubstr("stands there twice"));
  EXPECT_THAT(message("\xff\xfe\xff,a\n1,2\n"), Not(HasSubstr("no error")));
  EXPECT_THAT(message("PK\x03\x04 whatever follows here"), HasSubstr("zip"));
  EXPECT_THAT(message("id,name\n1\n2\n"), HasSubstr("no row that can be read: line 2"));
  const auto named = infer(kFilms, {}, {}, {.name = "two words"});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, ErrorCode::kInvalidArgument);
}

constexpr std::string_view kLines =
    R"json({"sku":"a1","title":"One","price":9.5,"stock":3,"new":true,"tags":["x","y"],"look":[1,0.5,2],"sizes":[3,4],"maker":{"name":"A"},"where":{"lat":52.5,"lon":13.4},"code":"007","weight (kg)":1.5,"parts":[{"n":1}]}
{"sku":"a2","title":"Two","price":1,"stock":0,"new":false,"tags":[],"look":[0,1.5,2],"sizes":[5],"maker":{"name":"B"},"where":{"lat":48.1,"lon":11.6},"code":"008","weight (kg)":2.5}

{"sku":"a3","title":"Three","price":2.25,"stock":7,"new":true,"tags":["y"],"look":[3,1,2],"sizes":[],"maker":null,"where":{"lat":50.1,"lon":8.7},"code":"009","weight (kg)":0.5,"seen":"2026-03-01"}
no object
)json";

TEST(InferDomain, TakesLinesOfJsonForWhatTheyAre) {
  const Sources sources{table("things.jsonl", kLines), std::nullopt, std::nullopt};
  const auto inferred = infer_domain(sources, {});
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(inferred->items.rows, 3);
  EXPECT_EQ(inferred->items.bad_rows, 1);
  EXPECT_EQ(inferred->items.first_bad_line, 5);
  EXPECT_EQ(inferred->items.separator, '\0');
  EXPECT_EQ(inferred->id_column, "sku");
  const auto type = [&](std::string_view column) { return report_of(*inferred, "items", column).type; };
  EXPECT_EQ(type("price"), "float");
  EXPECT_EQ(type("stock"), "int");
  EXPECT_EQ(type("new"), "bool");
  EXPECT_EQ(type("tags"), "tags");
  EXPECT_EQ(type("look"), "vector");
  EXPECT_EQ(type("sizes"), "int_list");
  EXPECT_EQ(type("where"), "place");
  EXPECT_EQ(type("seen"), "date");
  EXPECT_THAT(type("code"), ::testing::AnyOf("category", "string"));
  for (const std::string_view nested : {"maker", "parts"}) {
    EXPECT_EQ(role(*inferred, "items", nested), "ignored");
    EXPECT_THAT(report_of(*inferred, "items", nested).doubts, Contains(HasSubstr("it is not used")));
  }
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->item_id_type, ItemIdType::kText);
  EXPECT_EQ(ImportedNames(*domain, Side::kItem).column_of("weight_kg"), "weight (kg)");
  EXPECT_FALSE(domain->items.field("seen")->required);
}

TEST(InferDomain, KnowsLinesOfJsonByTheFirstOne) {
  const auto inferred = infer("\n{\"id\": 1, \"price\": 2.5}\n{\"id\": 2, \"price\": 3}\n");
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(inferred->id_column, "id");
  EXPECT_EQ(report_of(*inferred, "items", "price").type, "float");
}

TEST(InferDomain, FindsTheRolesOfALogThatIsLinesOfJson) {
  constexpr std::string_view kLog =
      R"json({"search_id":"s1","user_id":"u1","at":"2026-01-01T10:00:00Z","budget":9.5,"film_id":11,"clicked":false}
{"search_id":"s1","user_id":"u1","at":"2026-01-01T10:00:00Z","budget":9.5,"film_id":12,"clicked":true}
{"search_id":"s2","user_id":"u2","at":"2026-01-01T11:00:00Z","film_id":13,"clicked":false}
{"search_id":"s2","user_id":"u2","at":"2026-01-01T11:00:00Z","film_id":14,"clicked":true}
)json";
  constexpr std::string_view kSearches =
      R"json({"search_id":"s1","tags":["a","b"],"country":"de"}
{"search_id":"s2","tags":[],"country":"fr"}
)json";
  const auto inferred = infer(kFilms, kLog, kSearches);
  ASSERT_TRUE(inferred) << inferred.error().message;
  const HistoryColumnNames& names = inferred->history_columns;
  EXPECT_EQ(names.request, "search_id");
  EXPECT_EQ(names.person, "user_id");
  EXPECT_EQ(names.moment, "at");
  EXPECT_EQ(names.item, "film_id");
  EXPECT_EQ(names.pick, "clicked");
  EXPECT_TRUE(names.importable);
  EXPECT_EQ(inferred->history->separator, '\0');
  EXPECT_EQ(inferred->requests->rows, 2U);
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  ASSERT_NE(domain->requests.field("budget"), nullptr);
  EXPECT_EQ(domain->requests.field("budget")->type, FieldType::kFloat);
  ASSERT_NE(domain->requests.field("tags"), nullptr);
  EXPECT_EQ(domain->requests.field("tags")->type, FieldType::kTags);
  EXPECT_NE(domain->requests.field("country"), nullptr);
}

TEST(InferDomain, NamesTheColumnOfAnIdThatIsNoNameOfAField) {
  const auto inferred = infer("Article No,title\nA-1,x\nA-2,y\n", {}, {}, {.id_column = "Article No"});
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_THAT(inferred->text,
              HasSubstr(R"(id = {field = "Article_No", type = "string", column = "Article No"})"));
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  EXPECT_EQ(ImportedNames(*domain, Side::kItem).column_of("Article_No"), "Article No");
  const auto numbers = infer("film id,title\n1,x\n2,y\n");
  ASSERT_TRUE(numbers) << numbers.error().message;
  EXPECT_THAT(numbers->text, HasSubstr(R"(id = {field = "film_id", column = "film id"})"));
}

TEST(InferDomain, LeavesOutMembersOfJsonThatAreNowThisAndNowThat) {
  const auto inferred = infer("{\"id\": 1, \"a\": 2}\n{\"id\": 2, \"a\": \"x\"}\n{\"id\": 3, \"a\": true}\n");
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(role(*inferred, "items", "a"), "ignored");
  EXPECT_THAT(report_of(*inferred, "items", "a").doubts, Contains(HasSubstr("left out: line 1")));
}

TEST(InferDomain, CallsAFieldAsWasSaid) {
  const auto inferred = corrected({{.column = "price", .name = "cost"}});
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(report_of(*inferred, "items", "price").field, "cost");
  EXPECT_THAT(inferred->text, HasSubstr("name = \"cost\"\ncolumn = \"price\"\n"));
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  EXPECT_EQ(ImportedNames(*domain, Side::kItem).column_of("cost"), "price");
  EXPECT_EQ(domain->items.field("price"), nullptr);
  const auto message = [](std::vector<Correction> corrections) {
    const auto refused = corrected(std::move(corrections));
    return refused ? std::string{"no error"} : refused.error().message;
  };
  EXPECT_THAT(message({{.column = "price", .name = "the cost"}}), HasSubstr("a letter, then letters"));
  EXPECT_THAT(message({{.column = "price", .name = "title"}}), HasSubstr("the column 'title' has this name"));
  EXPECT_THAT(message({{.column = "price", .name = "score"}}), HasSubstr("the API itself"));
  const auto swapped =
      corrected({{.column = "title", .name = "price"}, {.column = "price", .name = "title"}});
  ASSERT_TRUE(swapped) << swapped.error().message;
  EXPECT_EQ(report_of(*swapped, "items", "title").field, "price");
  EXPECT_EQ(report_of(*swapped, "items", "price").field, "title");
}

TEST(InferDomain, PassesOverBadRowsAndCountsThem) {
  const auto inferred = infer("id,name\n1,a\n2\n3,\xff\n4,b\n");
  ASSERT_TRUE(inferred);
  EXPECT_EQ(inferred->items.rows, 2);
  EXPECT_EQ(inferred->items.bad_rows, 2);
  EXPECT_EQ(inferred->items.first_bad_line, 3);
  EXPECT_THAT(inferred->text, HasSubstr("--skip-bad"));
}

TEST(InferDomain, WritesWhateverCellsHoldIntoAGoodFile) {
  const std::string nasty = "id,size,\"a \"\"b\"\" #\n";
  EXPECT_FALSE(infer(nasty));
  std::string text = "id,size,\"quo\"\"te ]\"\n";
  for (int i = 1; i <= 12; ++i) {
    text += std::to_string(i) + (i % 2 ? ",\"he said \"\"x\"\" \\ \x7f\"" : ",\"x [[rule]] # \x01 = 'y'\"") +
            ",\"line\nbreak " + std::to_string(i) + "\"\n";
  }
  const auto inferred = infer(text);
  ASSERT_TRUE(inferred) << inferred.error().message;
  const auto domain = domain_of(*inferred);
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->items.field("size")->values.size(), 2);
  EXPECT_TRUE(domain->rules.empty());
}

TEST(InferDomain, TakesAWideTable) {
  std::string header = "id";
  std::string row;
  for (int i = 0; i < 1'000; ++i) {
    header += ",c" + std::to_string(i);
    row += ",\"0.5 1.5 " + std::to_string(i) + "\"";
  }
  const std::string text = header + "\n1" + row + "\n2" + row + "\n";
  const auto inferred = infer(text);
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(role(*inferred, "items", "c10"), "field");
  EXPECT_EQ(role(*inferred, "items", "c900"), "ignored");
}

}  // namespace
}  // namespace rankloop::infer
