// Lines of JSON as rows under a header.
#include "tables/json_rows.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::tables {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> cells_of(const TableRows& rows) {
  return {rows.cells().begin(), rows.cells().end()};
}

TEST(JsonRows, HaveTheMembersOfAllLinesAsTheirHeader) {
  const std::string_view text = "{\"b\":1,\"a\":\"x\"}\n\n{\"a\":\"\",\"c\":true}\n";
  const auto rows = json_rows(Bytes(text), {});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_THAT((*rows)->header(), ElementsAre("b", "a", "c"));
  ASSERT_TRUE((*rows)->next());
  EXPECT_THAT(cells_of(**rows), ElementsAre("1", "x", ""));
  ASSERT_TRUE((*rows)->next());
  EXPECT_THAT(cells_of(**rows), ElementsAre("", "", "true")) << "nothing is left of the row before";
  EXPECT_EQ((*rows)->line(), 3U);
  EXPECT_FALSE((*rows)->next());
  EXPECT_TRUE((*rows)->status());
}

TEST(JsonRows, WriteValuesAsTablesHaveThem) {
  const std::string_view text =
      R"json({"n":0.5,"whole":3,"no":null,"list":[1,2],"words":["a","b"],"place":{"lat":1,"lon":2},"text":"a,\"b\""})json";
  const auto rows = json_rows(Bytes(text), {});
  ASSERT_TRUE(rows && (*rows)->next());
  EXPECT_THAT(cells_of(**rows),
              ElementsAre("0.5", "3", "", "[1,2]", R"(["a","b"])", R"({"lat":1,"lon":2})", "a,\"b\""));
}

TEST(JsonRows, TellWhatIsNoRowAndGoOn) {
  const std::string text = "{\"a\":1}\nnonsense\n[1]\n{\"a\":\"\xff\"}\n{\"a\":1,\"a\":2}\n{\"a\":2}\n";
  const auto rows = json_rows(Bytes(text), {});
  ASSERT_TRUE(rows);
  std::vector<std::string> why;
  while ((*rows)->next()) why.push_back((*rows)->why_bad());
  EXPECT_THAT(why, ElementsAre("", HasSubstr("not valid JSON"), "the line is no JSON object",
                               HasSubstr("UTF-8"), HasSubstr("JSON"), ""));
}

TEST(JsonRows, AreNoneWithoutMembers) {
  for (const std::string_view text : {"", "{}\n", "[1]\n1\n"}) {
    const auto rows = json_rows(Bytes(text), {});
    ASSERT_FALSE(rows) << text;
    EXPECT_THAT(rows.error().message, HasSubstr("no line that is a JSON object with members"));
  }
}

TEST(JsonRows, AreKnownByTheFilesNameOrItsFirstLine) {
  const auto lines = [](std::string_view file, std::string_view text) {
    return holds_json_lines(file, Bytes(text), {}).value();
  };
  EXPECT_TRUE(lines("log.jsonl", "a,b\n"));
  EXPECT_TRUE(lines("log.ndjson.zst", ""));
  EXPECT_TRUE(lines("log.dat", "\n{\"a\":1}\n"));
  EXPECT_FALSE(lines("log.dat", "a,b\n"));
  EXPECT_FALSE(lines("log.csv", ""));
}

TEST(JsonRows, FindTheCellOfALine) {
  EXPECT_EQ(cell_in(R"({"s":"a 1","n":2})", "s"), "a 1");
  EXPECT_EQ(cell_in(R"({"s":"a 1","n":2})", "n"), "2");
  EXPECT_EQ(cell_in(R"({"s":"a 1"})", "other"), "");
  EXPECT_EQ(cell_in("no object", "s"), "");
}

}  // namespace
}  // namespace rankloop::tables
