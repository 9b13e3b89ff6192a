// Inputs that are declared once: what is read by them, and what the API description says of them.
#include "domain/declared_inputs.h"

#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "domain/body_reader.h"
#include "http/described_inputs.h"
#include "http/routes/inputs.h"

namespace rankloop::http {
namespace {

namespace json = boost::json;

const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 100, .preset = 10};
const NumberInput kBefore{.name = "before", .help = "Only older ones", .example = 7};
const FlagInput kStrict{.name = "strict", .help = "Refuse more"};
const ChoiceInput kKind{.name = "kind", .help = "Which", .words = {"red", "green", "blue"}};
const ChoiceInput kOrder{.name = "order", .help = "Which way", .words = {"asc", "desc"}, .preset = "asc"};
const TextInput kReason{.name = "reason", .help = "Why \"so\"", .most = 3};
const TaskInput kTask{.name = "task", .help = "A task"};
const RealInput kShare{.name = "share", .help = "How much", .maximum = 1, .below = true, .example = 0.5};
const DurationInput kWait{.name = "wait", .help = "How long", .most = std::chrono::seconds{30}};

Request asked(std::string query) {
  Request request;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::size_t equals = query.find('=', at);
    request.query.emplace_back(query.substr(at, equals - at), query.substr(equals + 1, end - equals - 1));
    at = end + 1;
  }
  return request;
}

// The messages of all faults, in their order.
std::vector<std::string> messages(const Status& status) {
  std::vector<std::string> texts;
  if (!status) {
    for (const FieldFault& fault : status.error().faults)
      texts.push_back(fault.loc.back() + ": " + fault.msg);
  }
  return texts;
}

TEST(DeclaredInputs, AreReadFromAQuery) {
  const Request request = asked("limit=20&before=3.0&strict=true&kind=green&order=desc&reason=yes&wait=90s");
  QueryReader query{request};
  EXPECT_EQ(query.read(kLimit), 20);
  EXPECT_EQ(query.read_if_given(kBefore), 3);
  EXPECT_TRUE(query.read(kStrict));
  EXPECT_EQ(query.read(kKind), "green");
  EXPECT_EQ(query.read(kOrder), "desc");
  EXPECT_EQ(query.read(kReason), "yes");
  EXPECT_EQ(query.read(kWait), std::chrono::seconds{30});
  EXPECT_FALSE(query.read(kTask));
  EXPECT_TRUE(query.status());
}

TEST(DeclaredInputs, HaveTheirPresetsWhenAbsent) {
  const Request request = asked("");
  QueryReader query{request};
  EXPECT_EQ(query.read(kLimit), 10);
  EXPECT_FALSE(query.read_if_given(kBefore));
  EXPECT_FALSE(query.read(kStrict));
  EXPECT_FALSE(query.read(kKind));
  EXPECT_EQ(query.read(kOrder), "asc");
  EXPECT_EQ(query.read(kReason), "");
  EXPECT_FALSE(query.read(kWait));
  EXPECT_TRUE(query.status());
}

TEST(DeclaredInputs, TellEveryFaultOfAQuery) {
  const Request request =
      asked("limit=101&before=x&strict=maybe&kind=black&order=up&reason=because&task=7&wait=soon");
  QueryReader query{request};
  query.read(kLimit);
  query.read_if_given(kBefore);
  query.read(kStrict);
  query.read(kKind);
  query.read(kOrder);
  query.read(kReason);
  query.read(kTask);
  query.read(kWait);
  EXPECT_EQ(
      messages(query.status()),
      (std::vector<std::string>{
          "limit: '101' is not a whole number from 1 to 100",
          "before: 'x' is not a whole number from 1 to 9007199254740991",
          "strict: 'maybe' is neither true nor false", "kind: Input should be red, green or blue",
          "order: 'up' is neither asc nor desc", "reason: reason has 7 characters; allowed are up to 3",
          "task: Input should be the id of a task", "wait: 'soon' is no duration such as 500ms or 30s"}));
}

TEST(DeclaredInputs, AreReadFromABody) {
  const json::value body = json::parse(R"({"share":0.25,"strict":true,"reason":null})");
  BodyReader reader{body};
  EXPECT_EQ(reader.read(kShare), 0.25);
  EXPECT_TRUE(reader.read(kStrict));
  EXPECT_EQ(reader.read(kReason), "");
  EXPECT_TRUE(reader.status());
}

TEST(DeclaredInputs, TellEveryFaultOfABody) {
  const json::value body = json::parse(R"({"strict":1,"reason":"because"})");
  BodyReader reader{body};
  reader.read(kShare);
  reader.read(kStrict);
  reader.read(kReason);
  EXPECT_EQ(messages(reader.status()),
            (std::vector<std::string>{"share: Field required", "strict: Input should be a valid boolean",
                                      "reason: reason has 7 characters; allowed are up to 3"}));
  const json::value list = json::parse("[]");
  BodyReader none{list};
  none.read(kShare);
  EXPECT_EQ(messages(none.status()), std::vector<std::string>{"body: Input should be a valid dictionary"});
}

const ChoiceInput kLoudness{
    .name = "loudness",
    .help = {},
    .words = {"low", "high"},
    .refusal =
        ChoiceRefusal{.before = "loudness is ", .quotes = true, .after = "; allowed are ", .last = " and "}};
const NumberInput kWindow{.name = "window", .help = "How far back", .minimum = 5, .unit = "days"};
const RealInput kRate{.name = "rate",
                      .help = "How often",
                      .minimum = 0.1,
                      .maximum = 200,
                      .unit = "times a second",
                      .missing = "is required"};
const ItemsInput kItems{.name = "items", .help = "Some", .help_of_one = "One", .most = 2};
const TextInput kName{
    .name = "name", .help = {}, .least = 1, .most = 3, .characters = Characters::kAllButNul};
const TextInput kToken{
    .name = "Token", .help = {}, .least = 1, .most = 3, .characters = Characters::kVisibleAscii};

// What is said of one member of a body that is wrong.
template <class Read>
std::string refusal(const char* body, const Read& read) {
  const json::value value = json::parse(body);
  BodyReader reader{value};
  read(reader);
  const Status status = reader.status();
  if (status) return "none";
  const FieldFault& fault = status.error().faults.front();
  return fault.loc.back() + ": " + fault.msg + " (" + fault.type + ")";
}

TEST(DeclaredInputs, RefuseInTheirOwnWords) {
  const auto loudness = [](BodyReader& body) { body.read(kLoudness); };
  EXPECT_EQ(refusal(R"({"loudness":"low"})", loudness), "none");
  EXPECT_EQ(refusal(R"({"loudness":"loud"})", loudness),
            "loudness: loudness is 'loud'; allowed are low and high (enum)");
  EXPECT_EQ(refusal((R"({"loudness":")" + std::string(41, 'x') + "\"}").c_str(), loudness),
            "loudness: loudness is another text; allowed are low and high (enum)");
  EXPECT_EQ(refusal(R"({"loudness":3})", loudness), "loudness: Input should be a valid string (string_type)");
  const auto rate = [](BodyReader& body) { body.read(kRate); };
  EXPECT_EQ(refusal("{}", rate), "rate: is required (missing)");
  EXPECT_EQ(refusal(R"({"rate":"5"})", rate), "rate: Input should be a valid number (float_type)");
  EXPECT_EQ(refusal(R"({"rate":200.5})", rate), "rate: should be from 0.1 to 200 times a second (range)");
  EXPECT_EQ(refusal(R"({"rate":200})", rate), "none");
}

TEST(DeclaredInputs, TakeNoNullForANumberOrAWord) {
  EXPECT_EQ(refusal(R"({"kind":null})", [](BodyReader& body) { body.read_if_given(kKind); }),
            "kind: Input should be red, green or blue (enum)");
  const auto window = [](BodyReader& body) { body.read_if_given(kWindow); };
  for (const char* wrong : {"null", "4", "5.5", "true"}) {
    EXPECT_EQ(refusal((std::string{R"({"window":)"} + wrong + "}").c_str(), window),
              "window: Input should be a whole number of days, 5 or more (greater_than_equal)")
        << wrong;
  }
  for (const char* large : {"1e30", "9007199254740992", "18446744073709551615"}) {
    EXPECT_EQ(refusal((std::string{R"({"window":)"} + large + "}").c_str(), window),
              "window: Input should be a whole number of days, 9007199254740991 or less (less_than_equal)")
        << large;
  }
  EXPECT_EQ(refusal("{}", window), "none");
}

TEST(DeclaredInputs, ReadTheNumbersOfItems) {
  const auto items = [](BodyReader& body) { body.read(kItems, ItemKeys{ItemIdType::kNumber}); };
  EXPECT_EQ(refusal(R"({"items":null})", items), "none");
  EXPECT_EQ(refusal(R"({"items":7})", items), "items: Input should be a valid list (list_type)");
  EXPECT_EQ(refusal(R"({"items":[1,2,3]})", items), "items: items has 3 ids; allowed are up to 2 (too_long)");
  EXPECT_EQ(refusal(R"({"items":[1,0]})", items),
            "1: Input should be an item's id, a whole number from 1 to 2^53 - 1, not 0 (int_type)");
  const json::value body = json::parse(R"({"items":[3,4.0]})");
  EXPECT_EQ(BodyReader{body}.read(kItems, ItemKeys{ItemIdType::kNumber}), (std::vector<ItemId>{{3}, {4}}));
}

TEST(DeclaredInputs, ReadTheTextsOfItemsThatThereAre) {
  ItemKeys keys{ItemIdType::kText};
  ASSERT_TRUE(keys.add("a/b"));
  ASSERT_TRUE(keys.add("🍎"));
  const json::value body = json::parse(R"({"items":["🍎","none"]})");
  EXPECT_EQ(BodyReader{body}.read(kItems, keys), (std::vector<ItemId>{{2}}));
  EXPECT_EQ(refusal(R"({"items":["a/b",7]})", [&](BodyReader& body) { body.read(kItems, keys); }),
            "1: Input should be an item's id, a text of 1 to 256 bytes without control characters, not 7 "
            "(string_type)");
}

TEST(DeclaredInputs, BoundTheCharactersOfATextAndWhichTheyAre) {
  const auto name = [](BodyReader& body) { body.read(kName); };
  EXPECT_EQ(refusal(R"({"name":"\u00e9\u00e9\u00e9"})", name), "none");
  EXPECT_EQ(refusal(R"({"name":""})", name),
            "name: name has 0 characters; allowed are 1 to 3 (string_too_long)");
  EXPECT_EQ(refusal(R"({"name":"a\u0000"})", name), "name: name must not contain NUL (value_error)");
  EXPECT_FALSE(fault_of(kToken, "a~!"));
  for (const char* wrong : {"", "abcd", "a b", "\x7f"})
    EXPECT_EQ(fault_of(kToken, wrong)->message, "must have 1 to 3 visible ASCII characters") << wrong;
}

TEST(DeclaredInputs, AreWhatTheDescriptionSays) {
  const auto schema = [](const Parameter& parameter) { return json::parse(parameter.schema); };
  EXPECT_EQ(schema(in_query(kLimit)),
            json::parse(R"({"type":"integer","minimum":1,"maximum":100,"default":10})"));
  EXPECT_EQ(schema(in_query(kBefore)),
            json::parse(R"({"type":"integer","minimum":1,"maximum":9007199254740991,"examples":[7]})"));
  EXPECT_EQ(schema(in_query(kStrict)), json::parse(R"({"type":"boolean","default":false})"));
  EXPECT_EQ(schema(in_query(kOrder)),
            json::parse(R"({"type":"string","default":"asc","enum":["asc","desc"]})"));
  EXPECT_EQ(schema(in_query(kReason)), json::parse(R"({"type":"string","maxLength":3})"));
  EXPECT_EQ(schema(in_query(kTask)), json::parse(R"({"type":"string","format":"uuid"})"));
  EXPECT_EQ(in_query(kReason).description, "Why \"so\"");
  EXPECT_FALSE(in_query(kTask).required);
  EXPECT_TRUE(in_query(kTask, true).required);
  EXPECT_EQ(json::parse(body_schema({"share"}, {in_body(kShare), in_body(kReason)}, R"({"share":0.5})")),
            json::parse(R"({"type":"object","required":["share"],"properties":{)"
                        R"("share":{"type":"number","minimum":0,"exclusiveMaximum":1,"examples":[0.5],)"
                        R"("description":"How much"},)"
                        R"("reason":{"type":["string","null"],"maxLength":3,"description":"Why \"so\""}},)"
                        R"("examples":[{"share":0.5}]})"));
  EXPECT_EQ(json::parse(body_schema({}, {in_body(kWindow), in_body(kItems), in_body(kName)}, {},
                                    OtherMembers::kRefused)),
            json::parse(R"({"type":"object","properties":{)"
                        R"("window":{"type":"integer","minimum":5,"maximum":9007199254740991,)"
                        R"("description":"How far back"},"items":{"type":["array","null"],)"
                        R"("items":{"type":"integer","minimum":1,"maximum":9007199254740991,)"
                        R"("description":"One"},"maxItems":2,"description":"Some"},)"
                        R"("name":{"type":["string","null"],"minLength":1,"maxLength":3,)"
                        R"("pattern":"^[^\\u0000]*$"}},"additionalProperties":false})"));
  EXPECT_EQ(schema(in_header(kToken)),
            json::parse(R"({"type":"string","minLength":1,"maxLength":3,"pattern":"^[!-~]+$"})"));
}

}  // namespace
}  // namespace rankloop::http
