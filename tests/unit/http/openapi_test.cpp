// The API description and the pages around it.
#include "http/openapi.h"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "http/gzip.h"
#include "http/routes/docs.h"

namespace rankloop {
namespace {

namespace json = boost::json;
using http::Method;
using http::Route;

Route sample_route() {
  return {.method = Method::kPost,
          .path = "/things/{thing_id}",
          .operation = "make_thing",
          .tag = "things",
          .summary = "Make a thing",
          .parameters = {{"thing_id", "path", R"({"type":"integer"})", "The thing", true}},
          .body_schema = R"({"$ref":"#/components/schemas/UserData"})",
          .answers = {{200, "Made", R"({"type":"object"})"}}};
}

json::value document(const std::vector<Route>& routes, bool token = false) {
  return json::parse(
      http::openapi_document(routes, *default_domain(), {.version = "1.2.3", .token_asked = token}));
}

TEST(OpenApi, DescribesRoutesWithWhatTheMachineryAnswers) {
  Route hidden = sample_route();
  hidden.path = "/hidden";
  hidden.hidden = true;
  const json::value doc = document({sample_route(), hidden});
  EXPECT_EQ(doc.at("openapi"), "3.1.0");
  EXPECT_EQ(doc.at("info").at("version"), "1.2.3");
  EXPECT_EQ(doc.at("paths").as_object().size(), 1U);
  const json::value& operation = doc.at("paths").at("/things/{thing_id}").at("post");
  EXPECT_EQ(operation.at("operationId"), "make_thing");
  EXPECT_EQ(operation.at("requestBody").at("content").at("application/json").at("schema").at("$ref"),
            "#/components/schemas/UserData");
  for (const char* status :
       {"200", "400", "403", "404", "405", "408", "409", "413", "415", "422", "431", "500", "503"}) {
    EXPECT_TRUE(operation.at("responses").as_object().contains(status)) << status;
  }
  EXPECT_FALSE(operation.at("responses").as_object().contains("401"));
  EXPECT_EQ(operation.at("parameters").as_array().back().at("name"), "Idempotency-Key");
}

TEST(OpenApi, SpeaksOfTheTokenWhereOneIsAskedFor) {
  Route open = sample_route();
  open.path = "/open";
  open.role = http::Role::kNone;
  const json::value doc = document({sample_route(), open}, true);
  EXPECT_TRUE(
      doc.at("paths").at("/things/{thing_id}").at("post").at("responses").as_object().contains("401"));
  EXPECT_FALSE(doc.at("paths").at("/open").at("post").at("responses").as_object().contains("401"));
  EXPECT_TRUE(doc.at("paths").at("/open").at("post").at("security").as_array().empty());
  EXPECT_EQ(doc.at("components").at("securitySchemes").at("token").at("scheme"), "bearer");
}

TEST(OpenApi, CountsCharactersOfTexts) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\nrequest.noun = 'viewer'\nitem.noun = 'film'\nmodel.features = ['age']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\nmin_length = 5\nmax_length = 80\nhelp = 'Its name.'\n"
      "[[item.field]]\nname = 'note'\ntype = 'string'\nrequired = false\n",
      "films.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const json::value doc = json::parse(http::openapi_document({}, *check.domain, {}));
  const json::value& film = doc.at("components").at("schemas").at("FilmData").at("properties");
  EXPECT_EQ(film.at("title"), json::parse(R"({"type":"string","minLength":5,"maxLength":80,
                                              "pattern":"^[^\\u0000]*$","description":"Its name."})"));
  EXPECT_EQ(film.at("note").at("type"), json::parse(R"(["string","null"])"));
}

TEST(OpenApi, TakesAsManyCandidatesAsARankingKeeps) {
  const json::value doc = json::parse(http::openapi_document({}, *default_domain(), {.best = 17}));
  const json::value& user = doc.at("components").at("schemas").at("UserData").at("properties");
  EXPECT_EQ(user.at("candidates").at("maxItems"), 17);
  EXPECT_EQ(user.at("candidates").at("items").at("minimum"), 1);
  EXPECT_EQ(user.at("user_key").at("maxLength"), 128);
}

TEST(OpenApi, TakesItsSchemasFromTheDomain) {
  const json::value doc = document({});
  const json::value& schemas = doc.at("components").at("schemas");
  for (const char* name : {"Location", "LocationData", "LocationResult", "User", "UserData", "Result",
                           "TaskStatus", "LabelData", "Error", "HTTPValidationError", "ValidationError"}) {
    EXPECT_EQ(schemas.at(name).at("type"), "object") << name;
  }
  const json::value& user = schemas.at("UserData");
  EXPECT_EQ(
      user.at("properties").at("people_num"),
      json::parse(
          R"({"type":"integer","minimum":1,"maximum":2147483647,"description":"How many people travel."})"));
  EXPECT_EQ(user.at("properties").at("people_age").at("items").at("maximum"), 130);
  EXPECT_EQ(user.at("properties").at("people_age").at("minItems"), 1);
  EXPECT_EQ(user.at("properties").at("time_arrival").at("format"), "date");
  EXPECT_EQ(user.at("required").as_array().size(), 13U);
  EXPECT_FALSE(user.at("properties").as_object().contains("age_avg"));
  EXPECT_TRUE(schemas.at("User").at("properties").as_object().contains("age_avg"));
  EXPECT_FALSE(schemas.at("User").at("properties").as_object().contains("people_age_count"));
  EXPECT_TRUE(schemas.at("LocationResult").at("properties").as_object().contains("score"));
  EXPECT_TRUE(schemas.at("LabelData").at("properties").as_object().contains("location_id"));
  EXPECT_EQ(schemas.at("TaskStatus").at("properties").at("status").at("enum").as_array().size(), 6U);
  EXPECT_EQ(schemas.at("TaskStatus").at("properties").at("results").at("items").at("$ref"),
            "#/components/schemas/LocationResult");
}

TEST(OpenApi, NamesComponentsAfterNouns) {
  EXPECT_EQ(http::component_name("location"), "Location");
  EXPECT_EQ(http::component_name("hotel_room"), "HotelRoom");
}

// What else is among the components keeps its name.
TEST(OpenApi, TellsNounsFromOtherComponents) {
  EXPECT_EQ(http::component_name("label"), "LabelRecord");
  EXPECT_EQ(http::component_name("task_status"), "TaskStatusRecord");
  EXPECT_EQ(http::component_name("room_data"), "RoomDataRecord");
}

// Generators name their types after titles: of two with the same one they drop one.
TEST(OpenApi, HasNoTitleTwice) {
  const json::value doc = document({sample_route()});
  for (const auto& [name, schema] : doc.at("components").at("schemas").as_object())
    EXPECT_EQ(schema.at("title"), json::value(name));
}

TEST(OpenApi, ShowsARequestThatTheDomainTakes) {
  const json::value doc = document({sample_route()});
  const json::value& body = doc.at("paths").at("/things/{thing_id}").at("post").at("requestBody");
  const json::value& example = body.at("content").at("application/json").at("example");
  EXPECT_TRUE(default_domain()->requests.check(example, {})) << json::serialize(example);
  EXPECT_EQ(example.at("people_num"), 2);
  EXPECT_EQ(example.at("children_num"), 0);
}

TEST(OpenApi, ShowsARequestThatTheShownItemMayAnswer) {
  const DomainCheck check = read_domain(
      "domain.name = 'flights'\nrequest.noun = 'traveller'\nitem.noun = 'flight'\nmodel.features = ['fare']\n"
      "[[request.field]]\nname = 'origin'\ntype = 'int'\nminimum = 0\nmaximum = 999\n"
      "[[request.field]]\nname = 'most'\ntype = 'float'\nminimum = 0\n"
      "[[item.field]]\nname = 'origin'\ntype = 'int'\nminimum = 0\nmaximum = 999\n"
      "[[item.field]]\nname = 'fare'\ntype = 'float'\nminimum = 0\n"
      "[[rule]]\nmust = 'item.origin == request.origin'\n"
      "[[rule]]\nmust = 'item.fare <= request.most'\n",
      "flights.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const http::ExampleItem item{.id = 7, .fields = json::object{{"origin", 612}, {"fare", 480.5}}};
  const auto request = http::request_example(*check.domain, item);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->at("origin"), 612);
  EXPECT_GE(request->at("most").to_number<double>(), 480.5);
}

TEST(OpenApi, LinksAnswersToWhatMayBeDoneNext) {
  Route route = sample_route();
  route.answers = {{.description = "Made",
                    .schema = R"({"type":"object"})",
                    .headers = {"Link"},
                    .links = {{"look", "get_thing", {{"thing_id", "$response.body#/id"}}}}}};
  const json::value doc = document({route});
  const json::value& answer = doc.at("paths").at("/things/{thing_id}").at("post").at("responses").at("200");
  EXPECT_EQ(answer.at("links").at("look").at("operationId"), "get_thing");
  EXPECT_EQ(answer.at("links").at("look").at("parameters").at("thing_id"), "$response.body#/id");
  EXPECT_EQ(answer.at("headers").at("Link").at("$ref"), "#/components/headers/Link");
}

}  // namespace
}  // namespace rankloop
