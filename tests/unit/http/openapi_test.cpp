// The API description and the pages around it.
#include "http/openapi.h"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
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
  return json::parse(http::openapi_document(routes, *default_domain(), 1000, "1.2.3", token));
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

TEST(OpenApi, BoundsTextsByWhatBytesAllowInCharacters) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\nrequest.noun = 'viewer'\nitem.noun = 'film'\nmodel.features = ['age']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\nmin_length = 5\nmax_length = 80\nhelp = 'Its name.'\n"
      "[[item.field]]\nname = 'note'\ntype = 'string'\nrequired = false\n",
      "films.toml");
  ASSERT_TRUE(check.domain) << check.faults.front().message;
  const json::value doc = json::parse(http::openapi_document({}, *check.domain, 1000, "1"));
  const json::value& film = doc.at("components").at("schemas").at("FilmData").at("properties");
  EXPECT_EQ(film.at("title"), json::parse(R"({"type":"string","minLength":2,"maxLength":80,
                                              "description":"Its name. 5 to 80 bytes of UTF-8."})"));
  EXPECT_EQ(film.at("note").at("minLength"), 0);
  EXPECT_EQ(film.at("note").at("description"), "Up to 1024 bytes of UTF-8.");
}

TEST(OpenApi, TakesAsManyCandidatesAsARankingKeeps) {
  const json::value doc = json::parse(http::openapi_document({}, *default_domain(), 17, "1"));
  const json::value& user = doc.at("components").at("schemas").at("UserData").at("properties");
  EXPECT_EQ(user.at("candidates").at("maxItems"), 17);
  EXPECT_EQ(user.at("user_key").at("description"),
            "The person's own id, opaque to us. 1 to 128 bytes of UTF-8.");
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

}  // namespace
}  // namespace rankloop
