// What the JSON writer puts between what it is told.
#include "domain/json_writer.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(JsonWriter, PartsMembersAndElements) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("id").integer(std::numeric_limits<std::int64_t>::min());
  json.key("list").begin_array().integer(1).null().begin_object().end_object().flag(true).end_array();
  json.key("score").number(0.5F).key("state").word("ready").key("why").text("a \"b\"\n").end_object();
  EXPECT_EQ(out, R"({"id":-9223372036854775808,"list":[1,null,{},true],"score":0.5,"state":"ready",)"
                 R"("why":"a \"b\"\n"})");
}

TEST(JsonWriter, TakesTheMembersOfAnObjectIn) {
  const auto written = [](std::string_view first, std::string_view second) {
    std::string out;
    JsonWriter{out}.begin_object().members(first).members(second).key("c").integer(3).end_object();
    return out;
  };
  EXPECT_EQ(written(R"({"a":1})", R"({"b":2})"), R"({"a":1,"b":2,"c":3})");
  EXPECT_EQ(written("{}", R"({"b":2})"), R"({"b":2,"c":3})");
  EXPECT_EQ(written("{}", ""), R"({"c":3})");
}

TEST(JsonWriter, AppendsBehindOtherText) {
  std::string out = "data: ";
  JsonWriter{out}.begin_array().json("[1]").json("{}").end_array();
  EXPECT_EQ(out, "data: [[1],{}]");
}

}  // namespace
}  // namespace rankloop
