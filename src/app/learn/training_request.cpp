// Reads what a training was asked for.
#include "app/learn/training_request.h"

#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "domain/body_reader.h"
#include "domain/closest_name.h"
#include "ml/families/families.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kManual = "manual";
constexpr std::size_t kMostFaults = 10;

void refuse_others(const TrainingInputs& inputs, BodyReader& body) {
  const std::vector<std::string_view> known = {inputs.family.name, inputs.window.name, inputs.promote.name,
                                               inputs.dry_run.name, inputs.hyperparameters};
  for (const std::string& name : body.others(known)) {
    if (body.faults() == kMostFaults) return;
    std::string message = "Extra inputs are not permitted; known are " + joined(known, " and ");
    if (const auto close = closest_name(name, known)) message += "; is " + std::string(*close) + " meant?";
    body.fault({name}, std::move(message), "extra_forbidden");
  }
}

void read_hyperparameters(std::string_view place, BodyReader& body, TrainingRequest& request) {
  const boost::json::value* given = body.given(place);
  if (given == nullptr) return;
  const std::string within{place};
  const boost::json::object* object = given->if_object();
  if (object == nullptr) return body.fault({within}, "Input should be a valid dictionary", "dict_type");
  for (const auto& member : *object) {
    if (body.faults() == kMostFaults) return;
    const std::string name{member.key().data(), member.key().size()};
    boost::system::error_code fault;
    const double value = member.value().is_number() ? member.value().to_number<double>(fault) : 0;
    Status sound = ml::check_hyperparameter(name, value);
    std::string message = sound ? std::string() : sound.error().message;
    if (!member.value().is_number() || fault) {
      message = "Input should be a valid number";
    } else if (sound && !name.starts_with(request.family + ".")) {
      message = "It is not of the family " + request.family + " that is to be trained";
    }
    if (message.empty()) {
      request.hyperparameters[name] = value;
    } else {
      body.fault({within, name}, std::move(message), "value_error");
    }
  }
}

}  // namespace

TrainingInputs training_inputs(std::int64_t minimum) {
  TrainingInputs inputs{
      .family = {.name = "family",
                 .help = {},
                 .words = {},
                 .example = "logistic",
                 .refusal = ChoiceRefusal{.before = "Input should be one of ", .last = ", "}},
      .window = {.name = "window",
                 .help = "The newest requests with an outcome to learn from",
                 .minimum = minimum,
                 .unit = "requests"},
      .promote = {.name = "promote", .help = {}, .words = {"auto", kManual}},
      .dry_run = {.name = "dry_run", .help = "Train and judge, but keep no model"}};
  for (const ml::Family& each : ml::families()) inputs.family.words.push_back(each.name);
  return inputs;
}

Result<TrainingRequest> read_training_body(const boost::json::value& body, TrainingRequest preset,
                                           std::int64_t minimum) {
  TrainingRequest request = std::move(preset);
  if (body.is_null()) return request;
  const TrainingInputs inputs = training_inputs(minimum);
  BodyReader reader{body};
  refuse_others(inputs, reader);
  if (const auto family = reader.read_if_given(inputs.family)) request.family = *family;
  request.window = reader.read_if_given(inputs.window).value_or(request.window);
  if (const auto promote = reader.read_if_given(inputs.promote)) request.promote = *promote != kManual;
  request.dry_run = reader.read_if_given(inputs.dry_run).value_or(request.dry_run);
  read_hyperparameters(inputs.hyperparameters, reader, request);
  if (const Status read = reader.status(); !read) return read.error();
  return request;
}

std::string to_json(const TrainingRequest& request) {
  boost::json::object json;
  json["family"] = request.family;
  json["window"] = request.window;
  json["promote"] = request.promote;
  json["dry_run"] = request.dry_run;
  json["cause"] = request.cause;
  boost::json::object& given = json["hyperparameters"].emplace_object();
  for (const auto& [name, value] : request.hyperparameters) given[name] = value;
  return boost::json::serialize(json);
}

TrainingRequest read_training_request(const std::string& text) {
  TrainingRequest request;
  const boost::json::object json = boost::json::parse(text).as_object();
  request.family = json.at("family").as_string();
  request.window = json.at("window").to_number<std::int64_t>();
  request.promote = json.at("promote").as_bool();
  request.dry_run = json.at("dry_run").as_bool();
  request.cause = json.at("cause").as_string();
  if (const auto* given = json.if_contains("hyperparameters")) {  // tasks of earlier versions have none
    for (const auto& member : given->as_object())
      request.hyperparameters[std::string(member.key())] = member.value().to_number<double>();
  }
  return request;
}

}  // namespace rankloop::app
