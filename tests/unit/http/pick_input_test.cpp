// The body of a pick: what is read of it, and that its description says the same.
#include "http/routes/pick_input.h"

#include <string>
#include <variant>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace rankloop::http {
namespace {

namespace json = boost::json;

const char kTask[] = "01890a5d-ac96-774b-bcce-b302099a8057";

Result<PickInput> read(const std::string& body) {
  return read_pick(*default_domain(), json::parse(body));
}

std::string body_of(const std::string& task, const std::string& item) {
  return R"({"task_id":")" + task + R"(","location_id":)" + item + "}";
}

TEST(PickInput, NamesAnItemOrNone) {
  const auto one = read(body_of(kTask, "7.0"));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->task->to_string(), kTask);
  EXPECT_EQ(std::get<ItemName>(one->choice).number, ItemId{7});
  const auto none = read(body_of(kTask, "-1"));
  ASSERT_TRUE(none);
  EXPECT_TRUE(std::holds_alternative<app::NoneChosen>(none->choice));
}

// They name nothing that is there, which is another answer than that they cannot be read.
TEST(PickInput, TakesWhatNobodyHas) {
  const auto pick = read(body_of("seven", "-7"));
  ASSERT_TRUE(pick);
  EXPECT_FALSE(pick->task);
  EXPECT_EQ(std::get<ItemName>(pick->choice).number, ItemId{-7});
}

TEST(PickInput, NamesWhatNobodyReads) {
  const auto pick = read(R"({"task_id":"x","location":3,"location_id":1})");
  ASSERT_TRUE(pick);
  EXPECT_EQ(pick->ignored, std::vector<std::string>{"location"});
}

TEST(PickInput, TellsEveryFault) {
  const auto faults = [](const std::string& body) {
    std::string all;
    const Error error = read(body).error();
    for (const FieldFault& fault : error.faults)
      all += fault.loc.back() + ": " + fault.msg + " (" + fault.type + ")\n";
    return all;
  };
  EXPECT_EQ(faults("[]"), "body: Input should be a valid dictionary (dict_type)\n");
  EXPECT_EQ(faults("{}"), "task_id: Field required (missing)\nlocation_id: Field required (missing)\n");
  EXPECT_EQ(faults(R"({"task_id":7,"location_id":"7"})"),
            "task_id: Input should be a valid string (string_type)\n"
            "location_id: Input should be a valid integer (int_type)\n");
  EXPECT_EQ(faults(body_of(kTask, "1.5")), "location_id: Input should be a valid integer (int_type)\n");
}

// A domain whose items are named by texts.
std::shared_ptr<const Domain> shop() {
  const DomainCheck check = read_domain(
      "domain.name = 'shop'\nrequest.noun = 'user'\nitem.noun = 'thing'\nitem.id = {field = 'sku', type = "
      "'string'}\n"
      "model.features = ['price']\nitem.field = [{name = 'price', type = 'float'}]\n",
      "shop.toml");
  EXPECT_TRUE(check.faults.empty());
  return check.domain;
}

TEST(PickInput, NamesAnItemByItsTextOrNone) {
  const auto read = [](const std::string& item) {
    return read_pick(*shop(), json::parse(R"({"task_id":"x","sku":)" + item + "}"));
  };
  EXPECT_EQ(std::get<ItemName>(read(R"("a/b")")->choice).key, "a/b");
  EXPECT_EQ(std::get<ItemName>(read(R"("-1")")->choice).key, "-1");
  EXPECT_TRUE(std::holds_alternative<app::NoneChosen>(read("-1")->choice));
  for (const char* wrong : {"7", "\"\"", "null"}) {
    const auto pick = read(wrong);
    ASSERT_FALSE(pick) << wrong;
    EXPECT_EQ(pick.error().faults.front().msg.substr(0, 90),
              "Input should be a text of 1 to 256 bytes without control characters, or -1, not " +
                  std::string{wrong})
        << wrong;
  }
}

TEST(PickInput, SaysThatATextNamesAnItem) {
  EXPECT_EQ(
      json::value(pick_schema(*shop(), "LabelData", "a/b").at("properties").at("sku")),
      json::parse(R"({"anyOf":[{"type":"string","minLength":1,"maxLength":256,)"
                  R"("pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},{"type":"integer","enum":[-1]}],)"
                  R"("description":"The pick; -1: none chosen.","examples":["a/b"]})"));
}

TEST(PickInput, IsWhatTheDescriptionSays) {
  EXPECT_EQ(
      json::value(pick_schema(*default_domain(), "LabelData", 5)),
      json::parse(
          R"({"type":"object","title":"LabelData","description":"What was picked among the results of a task.",)"
          R"("properties":{"task_id":{"type":"string","format":"uuid",)"
          R"("description":"The task whose results were shown."},)"
          R"("location_id":{"type":"integer","minimum":-1,"maximum":9007199254740991,)"
          R"("description":"The pick; -1: none chosen.","examples":[5]}},)"
          R"("required":["task_id","location_id"]})"));
}

}  // namespace
}  // namespace rankloop::http
