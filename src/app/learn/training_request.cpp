// Reads what a training was asked for.
#include "app/learn/training_request.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "domain/closest_name.h"
#include "ml/families/families.h"

namespace rankloop::app {
namespace {

constexpr std::array<std::string_view, 5> kMembers = {"family", "window", "promote", "dry_run",
                                                      "hyperparameters"};
constexpr std::size_t kMostFaults = 10;

// A misspelt member would train something else than what was asked for.
void refuse_unknown(const boost::json::object& body, std::vector<FieldFault>& faults) {
  for (const auto& member : body) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (std::ranges::find(kMembers, name) != kMembers.end()) continue;
    if (faults.size() == kMostFaults) return;
    std::string message =
        "Extra inputs are not permitted; known are family, window, promote, dry_run and hyperparameters";
    if (const auto close = closest_name(name, kMembers)) message += "; is " + std::string(*close) + " meant?";
    faults.push_back({{"body", std::string(name)}, std::move(message), "extra_forbidden"});
  }
}

void read_family(const boost::json::value& family, TrainingRequest& request,
                 std::vector<FieldFault>& faults) {
  const auto known = ml::families();
  const auto named = [&](const ml::Family& f) { return family.is_string() && f.name == family.get_string(); };
  if (std::any_of(known.begin(), known.end(), named)) {
    request.family = family.get_string();
  } else {
    std::string names;
    for (const ml::Family& f : known) names += (names.empty() ? "" : ", ") + std::string(f.name);
    faults.push_back({{"body", "family"}, "Input should be one of " + names, "enum"});
  }
}

void read_hyperparameters(const boost::json::value& given, TrainingRequest& request,
                          std::vector<FieldFault>& faults) {
  const boost::json::object* object = given.if_object();
  if (object == nullptr) {
    faults.push_back({{"body", "hyperparameters"}, "Input should be a valid dictionary", "dict_type"});
    return;
  }
  for (const auto& member : *object) {
    if (faults.size() == kMostFaults) return;
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
      faults.push_back({{"body", "hyperparameters", name}, std::move(message), "value_error"});
    }
  }
}

}  // namespace

Result<TrainingRequest> read_training_body(const boost::json::value& body, TrainingRequest preset,
                                           std::int64_t minimum) {
  TrainingRequest request = std::move(preset);
  if (body.is_null()) return request;
  const boost::json::object* object = body.if_object();
  if (object == nullptr)
    return invalid_fields({{{"body"}, "Input should be a valid dictionary", "dict_type"}});
  std::vector<FieldFault> faults;
  refuse_unknown(*object, faults);
  if (const auto* family = object->if_contains("family")) read_family(*family, request, faults);
  if (const auto* window = object->if_contains("window")) {
    boost::system::error_code fault;
    const auto number = window->is_number() ? window->to_number<std::int64_t>(fault) : -1;
    if (fault || number < minimum) {
      faults.push_back({{"body", "window"},
                        "Input should be a whole number of requests, " + std::to_string(minimum) + " or more",
                        "greater_than_equal"});
    } else {
      request.window = number;
    }
  }
  if (const auto* promote = object->if_contains("promote")) {
    const bool manual = promote->is_string() && promote->get_string() == "manual";
    if (!manual && !(promote->is_string() && promote->get_string() == "auto")) {
      faults.push_back({{"body", "promote"}, "Input should be auto or manual", "enum"});
    }
    request.promote = !manual;
  }
  if (const auto* dry_run = object->if_contains("dry_run")) {
    if (!dry_run->is_bool()) {
      faults.push_back({{"body", "dry_run"}, "Input should be a valid boolean", "bool_type"});
    } else {
      request.dry_run = dry_run->get_bool();
    }
  }
  if (const auto* given = object->if_contains("hyperparameters"))
    read_hyperparameters(*given, request, faults);
  if (!faults.empty()) return invalid_fields(std::move(faults));
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
