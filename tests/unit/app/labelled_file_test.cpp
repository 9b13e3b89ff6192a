// Labelled files and their faults.
#include "app/learn/labelled_file.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/catalog.h"
#include "ml/feature_space.h"
#include "ml/train.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::IsNan;

// Films with a cross of the features and one of two fields that are none.
std::shared_ptr<const Domain> crossed_domain() {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\n"
      "request.noun = 'viewer'\n"
      "item.noun = 'film'\n"
      "model.features = ['age', 'price']\n"
      "[[cross]]\nname = 'age_price'\nhow = 'product'\nrequest = 'age'\nitem = 'price'\n"
      "[[cross]]\nname = 'spare'\nhow = 'difference'\nrequest = 'budget'\nitem = 'length'\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\nminimum = 0\n"
      "[[request.field]]\nname = 'budget'\ntype = 'float'\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\n"
      "[[item.field]]\nname = 'length'\ntype = 'float'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\nminimum = 0\n",
      "films.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

// Of a domain whose ids are whole numbers.
Result<ml::LabelledRows> read_rows(std::string_view text, std::string_view name, const Domain& domain,
                                   bool crosses) {
  ItemKeys keys{ItemIdType::kNumber};
  return read_labelled(text, name, domain, crosses, keys);
}

Result<ml::LabelledRows> read(std::string_view text, std::string_view name = "rows.csv") {
  return read_rows(text, name, *film_domain(), false);
}
std::string fault_of(std::string_view text, std::string_view name = "rows.csv") {
  const auto rows = read(text, name);
  EXPECT_FALSE(rows) << text;
  if (rows) return {};
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalidArgument);
  return rows.error().message;
}

TEST(LabelledFile, ReadsColumnsByTheirNames) {
  const auto rows = read("note,price,label,age\nx,10.5,1,30\ny,2e1,0.25,31\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->width, 2U);
  EXPECT_THAT(rows->values, ElementsAre(30, 10.5F, 31, 20));
  EXPECT_THAT(rows->labels, ElementsAre(1, 0.25F));
  EXPECT_TRUE(rows->weights.empty());
  EXPECT_TRUE(rows->requests.empty());
  EXPECT_TRUE(rows->items.empty());
}

TEST(LabelledFile, SeparatesByTabsUnlessItsNameEndsInCsv) {
  const auto rows = read("age\tprice\tlabel\n30\t10\t1\n", "rows.tsv");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->values, ElementsAre(30, 10));
  EXPECT_TRUE(read("age,price,label\n30,10,1\n", "rows.tsv")) << "or by what the header shows";
  EXPECT_THAT(fault_of("Age,cost\n30,10\n", "rows.tsv"),
              HasSubstr("these columns are missing: 'age', 'price', 'label', did you mean 'age' for 'Age'?"));
}

TEST(LabelledFile, ReadsFlagsAndAbsentCells) {
  const auto rows = read("age,price,label\ntrue,false,true\n,,0\n\n1,0,false\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->values, ElementsAre(1, 0, IsNan(), IsNan(), 1, 0));
  EXPECT_THAT(rows->labels, ElementsAre(1, 0, 0));
}

TEST(LabelledFile, BringsTheRowsOfARequestTogether) {
  const auto rows = read(
      "request,age,price,label,weight,film_id\n"
      "b,1,10,1,2,101\n"
      "a,2,20,0,3,102\n"
      "b,3,30,0,4,103\n"
      "a,4,40,1,5,104\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->requests, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(rows->values, ElementsAre(1, 10, 3, 30, 2, 20, 4, 40));
  EXPECT_THAT(rows->labels, ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(rows->weights, ElementsAre(2, 4, 3, 5));
  EXPECT_THAT(rows->items, ElementsAre(ItemId{101}, ItemId{103}, ItemId{102}, ItemId{104}));
}

TEST(LabelledFile, KnowsWhoAsked) {
  const auto rows = read("request,user_key,age,price,label\nb,ada,1,10,1\na,,2,20,0\nb,ada,3,30,0\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->people, ElementsAre(ml::person_number("ada"), ml::person_number("ada"), 0));
  EXPECT_TRUE(read("age,price,label\n30,10,1\n")->people.empty());
}

TEST(LabelledFile, MakesTheCrossesFromItsColumns) {
  const auto domain = crossed_domain();
  const auto rows =
      read_rows("age,price,label,budget,length\n3,5,1,100,90\n2,,0,100,\n", "rows.csv", *domain, true);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->width, 4U);
  EXPECT_THAT(rows->values, ElementsAre(3, 5, FloatEq(15), FloatEq(10), 2, IsNan(), IsNan(), IsNan()));
  const auto without = read_rows("age,price,label\n3,5,1\n", "rows.csv", *domain, true);
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_THAT(without->values, ElementsAre(3, 5, FloatEq(15), IsNan()));
  EXPECT_EQ(read_rows("age,price,label\n3,5,1\n", "rows.csv", *domain, false)->width, 2U);
}

TEST(LabelledFile, NamesEveryMissingColumn) {
  EXPECT_EQ(fault_of("price,title\n1,x\n"),
            "rows.csv:1: these columns are missing: 'age', 'label'. The header has 'price', 'title'");
}

TEST(LabelledFile, NamesPlaceColumnValueAndWhatIsAllowed) {
  const auto at_row_two = [](const std::string& row) {
    return fault_of("age,price,label,weight,film_id\n30,10,1,1,1\n" + row + "\n");
  };
  EXPECT_EQ(at_row_two("old,10,1,1,1"),
            "rows.csv:3: column 'age' has 'old'; allowed is a number, true or false");
  EXPECT_THAT(at_row_two("30,1O,1,1,1"), HasSubstr("column 'price' has '1O'"));
  EXPECT_THAT(at_row_two("inf,10,1,1,1"), HasSubstr("column 'age' has 'inf'"));
  for (const char* label : {"-1", "", "NaN", "good"}) {
    EXPECT_EQ(at_row_two(std::string{"30,10,"} + label + ",1,1"),
              "rows.csv:3: column 'label' has '" + std::string{label} +
                  "'; allowed is 0 or 1, a share between, or a grade above: the larger, the better");
  }
  for (const char* weight : {"0", "-2", ""}) {
    EXPECT_THAT(at_row_two(std::string{"30,10,1,"} + weight + ",1"), HasSubstr("a number above 0"));
  }
  EXPECT_THAT(at_row_two("30,10,1,1,1.5"),
              HasSubstr("column 'film_id' has '1.5'; allowed is a whole number"));
  EXPECT_EQ(at_row_two("30,10"), "rows.csv:3: there are 2 cells, the header has 5");
}

TEST(LabelledFile, TakesGradesAndTheWordsOfOtherPrograms) {
  const auto rows = read("age,price,label\n30,NaN,4\nNA,+2,True\n31,1,0.5\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->values, ElementsAre(30, IsNan(), IsNan(), 2, 31, 1));
  EXPECT_THAT(rows->labels, ElementsAre(4, 1, 0.5F));
}

// One rule for what is absent, whether a request brings null or leaves it out, or a file has an empty cell or
// NaN.
TEST(LabelledFile, CountsWhatIsAbsentAsRequestsDo) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\n"
      "request.noun = 'viewer'\n"
      "item.noun = 'film'\n"
      "model.features = ['age', 'patience', 'eldest', 'price', 'rating']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\ndefault = 40\n"
      "[[request.field]]\nname = 'patience'\ntype = 'float'\ndefault = 3\n"
      "[[request.field]]\nname = 'ages'\ntype = 'int_list'\nmin_length = 1\ndefault = [7, 9]\n"
      "[[request.derived]]\nname = 'eldest'\nhow = 'max'\nof = 'ages'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\ndefault = 2.5\n"
      "[[item.field]]\nname = 'rating'\ntype = 'float'\ndefault = 4\n",
      "films.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const Domain& domain = *check.domain;
  std::vector<float> online;
  const auto catalog = ml::Catalog::empty(check.domain);
  const ml::FeatureMaker maker(domain, *catalog);
  for (const auto& [request, item] :
       {std::pair{R"({"age":null,"patience":null,"ages":null})", R"({"price":null,"rating":null})"},
        std::pair{"{}", "{}"}}) {
    const auto asked = domain.requests.read(request);
    const auto offered = domain.candidates.read(item);
    ASSERT_TRUE(asked && offered);
    maker.append_numbers(asked->values, catalog->pick(offered->values), online);
  }
  EXPECT_THAT(online, ElementsAre(40, 3, 9, 2.5F, 4, 40, 3, 9, 2.5F, 4));
  const auto rows = read_rows("age,patience,ages,price,rating,label\n,,,,,1\nNaN,null,,NA,nan,0\n",
                              "rows.csv", domain, false);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->values, ElementsAre(40, 3, 9, 2.5F, 4, 40, 3, 9, 2.5F, 4));
  // Every family scores them alike.
  ml::LabelledRows learned;
  learned.width = 5;
  for (int r = 0; r < 60; ++r) {
    for (int c = 0; c < 5; ++c) learned.values.push_back(static_cast<float>((r * (c + 3)) % 11));
    learned.labels.push_back(r % 3 == 0 ? 1.0F : 0.0F);
    learned.items.push_back(ItemId{r % 5 + 1});
  }
  for (const char* family : {"random", "popularity", "logistic", "mlp", "gbdt"}) {
    const auto model = ml::train_model(domain, learned, {}, {.family = family}, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    std::vector<float> as_asked(2), as_filed(2);
    (*model)->score_features({online, 5, {}}, 1, as_asked);
    (*model)->score_features(rows->view(), 1, as_filed);
    EXPECT_EQ(as_asked, as_filed) << family;
  }
}

TEST(LabelledFile, DerivesWhatItsColumnsHold) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\n"
      "request.noun = 'viewer'\n"
      "item.noun = 'film'\n"
      "model.features = ['kind_1', 'oldest', 'total', 'twice']\n"
      "[[request.field]]\nname = 'kind'\ntype = 'int'\n"
      "[[request.field]]\nname = 'ages'\ntype = 'int_list'\nmin_length = 1\n"
      "[[request.derived]]\nname = 'kind_1'\nhow = 'equals'\nof = 'kind'\nvalue = 1\n"
      "[[request.derived]]\nname = 'oldest'\nhow = 'max'\nof = 'ages'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\n"
      "[[item.field]]\nname = 'fee'\ntype = 'float'\n"
      "[[item.derived]]\nname = 'total'\nhow = 'sum'\nof = ['price', 'fee']\n"
      "[[item.derived]]\nname = 'twice'\nhow = 'sum'\nof = ['total', 'total']\n",
      "films.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const auto rows = read_rows("kind,ages,price,fee,label\n1,3;40;5,2,0.5,1\n2,[7],3,,0\n", "rows.csv",
                              *check.domain, false);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT(rows->values, ElementsAre(1, 40, 2.5F, 5, 0, 7, IsNan(), IsNan()));
  const auto given =
      read_rows("kind_1,oldest,total,twice,label,price\n1,2,3,4,1,x\n", "rows.csv", *check.domain, false);
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_THAT(given->values, ElementsAre(1, 2, 3, 4));
  const auto lacking = read_rows("kind,price,label\n1,2,1\n", "rows.csv", *check.domain, false);
  ASSERT_FALSE(lacking);
  EXPECT_THAT(lacking.error().message, HasSubstr("missing: 'oldest', 'total', 'twice'"));
}

// The items of the file are the texts that words are counted in, each once.
TEST(LabelledFile, MatchesTextsAgainstThoseOfItsItems) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\nrequest.noun = 'viewer'\nitem.noun = 'film'\nmodel.features = ['title_words']\n"
      "[[request.field]]\nname = 'query'\ntype = 'text'\nrequired = false\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\nrequired = false\n"
      "[[item.derived]]\nname = 'title_words'\nhow = 'words'\nof = 'title'\n"
      "[[cross]]\nname = 'match'\nhow = 'match'\nrequest = 'query'\nitem = 'title'\n",
      "films.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const Domain& domain = *check.domain;
  const std::vector<std::string> titles = {"Red shoe", "Blue shoe", "Red, red hat"};
  auto catalog = ml::Catalog::empty(check.domain);
  std::vector<ml::ItemChange> changes;
  for (const std::string& title : titles) {
    const auto item = domain.candidates.read(R"({"title":")" + title + "\"}");
    ASSERT_TRUE(item);
    const auto id = static_cast<std::int64_t>(changes.size() + 1);
    changes.push_back({{id}, 1, catalog->pick(item->values)});
  }
  catalog = catalog->with(1, changes);
  const ml::FeatureMaker maker(domain, *catalog);
  const auto asked = domain.requests.read(R"({"query":"red shoe"})");
  ASSERT_TRUE(asked);
  std::vector<float> online;
  for (const int at : {0, 2, 0, 1})
    maker.append_numbers(asked->values, *changes[static_cast<std::size_t>(at)].values, online);
  const auto rows = read_rows(
      "query,title,label\nred shoe,Red shoe,1\nred shoe,\"Red, red hat\",0\nred shoe,Red shoe,1\n"
      "red shoe,Blue shoe,0\n,Blue shoe,0\n",
      "rows.csv", domain, true);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(std::vector<float>(rows->values.begin(), rows->values.begin() + 4), online);
  EXPECT_THAT(rows->values.back(), IsNan());
  EXPECT_EQ(rows->codes[0].at(1).size(), 2U);  // red, hat
}

TEST(LabelledFile, RefusesWhatHoldsNoRows) {
  EXPECT_EQ(fault_of(""), "rows.csv:1: the file is empty; its first line must name the columns");
  EXPECT_THAT(fault_of("age,price,label\n"), HasSubstr("there are no rows"));
  EXPECT_THAT(fault_of("age,age,price,label\n1,1,1,1\n"), HasSubstr("the column 'age' stands there twice"));
  EXPECT_THAT(fault_of("age,price,label\n30,10,\"1\n"), HasSubstr("a quoted cell is never closed"));
}

}  // namespace
}  // namespace rankloop::app
