// Inputs that are declared once: what is read by them, and what the API description says of them.
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "http/routes/declared.h"
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
}

}  // namespace
}  // namespace rankloop::http
