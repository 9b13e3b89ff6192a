// Reads what an evaluation was asked for, and writes it again.
#include "app/learn/evaluation_request.h"

#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "domain/body_reader.h"
#include "domain/calendar.h"
#include "domain/closest_name.h"
#include "ml/families/families.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kChampion = "champion";
constexpr std::string_view kRandom = "random";
constexpr std::string_view kUniform = "uniform";
constexpr std::size_t kMostFaults = 10;

EvaluationInputs declare_inputs() {
  EvaluationInputs inputs{
      .model = {.name = "model_id", .help = "The model whose order is asked about", .example = 1},
      .policy = {.name = "policy",
                 .help = "Instead of a model: the champion of the moment, or a uniform order",
                 .words = {kChampion, kRandom},
                 .preset = kChampion},
      .explore = {.name = "explore",
                  .help = "The share of the requests that are answered by what explore_by says instead (of "
                          "epsilon_positions, of the positions); 0 unless it is said, and 1 with softmax and "
                          "squarecb",
                  .maximum = 1,
                  .example = 0.05},
      .explore_by = {.name = "explore_by",
                     .help = "How that share is answered: by a uniform order of all items, or by a way that "
                             "departs from the model's order position by position",
                     .words = {kUniform},
                     .preset = kUniform},
      .temperature = {.name = "temperature",
                      .help = "Of softmax, in log-odds of calibrated scores; 0.15 unless it is said",
                      .maximum = 1000,
                      .example = 0.15},
      .gamma = {.name = "gamma",
                .help =
                    "Of squarecb: the greater, the seldomer worse items come first; 1000 unless it is said",
                .maximum = 1e9,
                .example = 1000},
      .window = {.name = "window",
                 .help = "The newest requests with an outcome to look at; training.window unless it is said, "
                         "or a time is",
                 .unit = "requests"},
      .since = {.name = "since",
                .help = "Only requests that came at this moment or later",
                .example = "2026-03-01T00:00:00Z"},
      .until = {.name = "until",
                .help = "Only requests that came before this moment",
                .example = "2026-04-01T00:00:00Z"},
      .positions = {.name = "positions",
                    .help = "So much of each list counts, from the top; 1: the first place alone",
                    .maximum = 30,
                    .preset = 10,
                    .unit = "positions"},
      .include_trained = {.name = "include_trained", .help = "Also requests that the model has learned from"},
      .family = {.name = "family",
                 .help = "Of the models of the reward",
                 .words = {},
                 .preset = "logistic",
                 .refusal = ChoiceRefusal{.before = "Input should be one of ", .last = ", "}},
      .folds = {.name = "folds",
                .help = "People are divided into so many parts; each is predicted by a model that has not "
                        "seen it",
                .minimum = 2,
                .maximum = 10,
                .preset = 3,
                .unit = "folds"},
      .clip = {.name = "clip",
               .help = "Weights above it are cut, or left to the model of the reward",
               .minimum = 1,
               .maximum = 1e12,
               .example = 10}};
  for (const ml::Way& way : ml::ways()) {
    if (!way.needs_posterior && way.kind != PolicyKind::kUniform) inputs.explore_by.words.push_back(way.name);
  }
  for (const ml::Family& each : ml::families()) inputs.family.words.push_back(each.name);
  return inputs;
}

void refuse_others(const EvaluationInputs& inputs, BodyReader& body) {
  const std::vector<std::string_view> known = {
      inputs.model.name,       inputs.policy.name,    inputs.explore.name,         inputs.explore_by.name,
      inputs.temperature.name, inputs.gamma.name,     inputs.window.name,          inputs.since.name,
      inputs.until.name,       inputs.positions.name, inputs.include_trained.name, inputs.family.name,
      inputs.folds.name,       inputs.clip.name};
  for (const std::string& name : body.others(known)) {
    if (body.faults() == kMostFaults) return;
    std::string message = "Extra inputs are not permitted; known are " + joined(known, " and ");
    if (const auto close = closest_name(name, known)) message += "; is " + std::string(*close) + " meant?";
    body.fault({name}, std::move(message), "extra_forbidden");
  }
}

std::optional<WallTime> read_moment(const TextInput& input, BodyReader& body) {
  const std::string text = body.read(input);
  if (text.empty()) return std::nullopt;
  const auto moment = parse_moment(text);
  if (!moment) {
    body.fault({std::string{input.name}}, "Input should be a moment such as " + std::string{*input.example},
               "datetime_parsing");
  }
  return moment;
}

// How the target explores. A number that the way does not have is a mistake of who asks.
void read_way(const EvaluationInputs& inputs, BodyReader& body, Target& target) {
  const auto way = body.read_if_given(inputs.explore_by);
  if (way) target.way = exploring_kind(*way).value_or(PolicyKind::kUniform);
  const bool all = target.way == PolicyKind::kSoftmax || target.way == PolicyKind::kSquareCb;
  target.explore = body.read_if_given(inputs.explore).value_or(all ? 1 : 0);
  const auto number = [&](const RealInput& input, PolicyKind kind, double preset) {
    const auto given = body.read_if_given(input);
    if (target.way == kind) return given.value_or(preset);
    if (given) {
      body.fault({std::string{input.name}},
                 "explore_by = " + std::string{ml::way_of(kind).name} + " has a " + std::string{input.name} +
                     ", and nothing else",
                 "value_error");
    }
    return 0.0;
  };
  target.temperature = number(inputs.temperature, PolicyKind::kSoftmax, ml::Exploration{}.temperature);
  target.gamma = number(inputs.gamma, PolicyKind::kSquareCb, ml::Exploration{}.gamma);
  if (way && target.kind == TargetKind::kRandom) {
    body.fault({std::string{inputs.explore_by.name}},
               "A uniform order explores by itself: leave explore_by out", "value_error");
  }
}

Target read_target(const EvaluationInputs& inputs, BodyReader& body) {
  Target target;
  const auto policy = body.read_if_given(inputs.policy);
  const auto model = body.read_if_given(inputs.model);
  if (policy && model) {
    body.fault({std::string{inputs.policy.name}}, "Say either model_id or policy", "value_error");
  }
  if (model) {
    target.kind = TargetKind::kModel;
    target.model = ModelId{*model};
  } else if (policy == kRandom) {
    target.kind = TargetKind::kRandom;
  }
  read_way(inputs, body, target);
  return target;
}

}  // namespace

ml::Exploration Target::exploration() const {
  ml::Exploration terms;
  terms.policy = way;
  terms.share = explore;
  terms.temperature = temperature;
  terms.gamma = gamma;
  return terms;
}

const EvaluationInputs& evaluation_inputs() {
  static const EvaluationInputs kInputs = declare_inputs();
  return kInputs;
}

Result<EvaluationRequest> read_evaluation_body(const boost::json::value& body, std::int64_t window) {
  EvaluationRequest request;
  request.window = window;
  if (body.is_null()) return request;
  const EvaluationInputs& inputs = evaluation_inputs();
  BodyReader reader{body};
  refuse_others(inputs, reader);
  request.target = read_target(inputs, reader);
  request.since = read_moment(inputs.since, reader);
  request.until = read_moment(inputs.until, reader);
  if (request.since && request.until && *request.since >= *request.until) {
    reader.fault({std::string{inputs.until.name}}, "until should be later than since", "value_error");
  }
  const bool timed = request.since || request.until;
  request.window = reader.read_if_given(inputs.window).value_or(timed ? 0 : window);
  if (const auto positions = reader.read_if_given(inputs.positions))
    request.positions = static_cast<std::size_t>(*positions);
  request.include_trained = reader.read_if_given(inputs.include_trained).value_or(false);
  if (const auto family = reader.read_if_given(inputs.family)) request.family = *family;
  if (const auto folds = reader.read_if_given(inputs.folds)) request.folds = static_cast<std::size_t>(*folds);
  request.clip = reader.read_if_given(inputs.clip).value_or(request.clip);
  if (const Status read = reader.status(); !read) return read.error();
  return request;
}

std::string to_json(const EvaluationRequest& request) {
  boost::json::object json;
  switch (request.target.kind) {
    case TargetKind::kModel:
      json["model_id"] = request.target.model.value;
      break;
    case TargetKind::kChampion:
      json["policy"] = kChampion;
      break;
    case TargetKind::kRandom:
      json["policy"] = kRandom;
      break;
  }
  json["explore"] = request.target.explore;
  if (request.target.way != PolicyKind::kUniform) json["explore_by"] = ml::way_of(request.target.way).name;
  if (request.target.way == PolicyKind::kSoftmax) json["temperature"] = request.target.temperature;
  if (request.target.way == PolicyKind::kSquareCb) json["gamma"] = request.target.gamma;
  if (request.window > 0) json["window"] = request.window;
  if (request.since) json["since"] = to_iso8601(*request.since);
  if (request.until) json["until"] = to_iso8601(*request.until);
  json["positions"] = request.positions;
  json["include_trained"] = request.include_trained;
  json["family"] = request.family;
  json["folds"] = request.folds;
  json["clip"] = request.clip;
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
