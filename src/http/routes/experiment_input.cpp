// The body of an experiment: its members, its arms, guardrails and ramp, each fault at its place.
#include "http/routes/experiment_input.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/body_reader.h"
#include "domain/declared_inputs.h"
#include "http/described_inputs.h"

namespace rankloop::http {
namespace {

namespace json = boost::json;

constexpr std::size_t kLeastArms = 2;
constexpr std::size_t kMostArms = 10;
constexpr std::size_t kMostSteps = 20;
constexpr double kRounding = 1e-9;  // shares like 0.1 + 0.2 + 0.7 are as good as 1
constexpr std::string_view kChampion = "champion";
constexpr std::string_view kModelId = "model_id";

const std::vector<double> kUsualSteps = {0.01, 0.05, 0.25, 0.5};

// What names a metric of the domain. The inputs' words are the names, so it stays where it is.
struct MetricInputs {
  explicit MetricInputs(std::span<const FeedbackRule> rules)
      : names(app::names_of_metrics(rules)),
        words(names.begin(), names.end()),
        primary{.name = "primary",
                .help = "The metric that decides, of a request that was shown",
                .words = words,
                .preset = app::ListMetric::kPickRate},
        guarded{.name = "metric", .help = "What must not get worse", .words = words} {}
  MetricInputs(const MetricInputs&) = delete;
  MetricInputs& operator=(const MetricInputs&) = delete;

  const std::vector<std::string> names;
  const std::vector<std::string_view> words;
  const ChoiceInput primary;
  const ChoiceInput guarded;
};

const TextInput kName{
    .name = "name", .help = "What it is called", .least = 1, .most = 100, .example = "new mlp"};
const ChoiceInput kUnit{.name = "unit",
                        .help = "Who is given to an arm: a person with all requests, or each request",
                        .words = {"person", "request"},
                        .preset = "person"};
const ChoiceInput kMethod{.name = "method",
                          .help = "Each arm answers people of its own, or both answer together with one list",
                          .words = {"split", "interleaving"},
                          .preset = "split"};
const ChoiceInput kInterleaving{.name = "interleaving",
                                .help = "How two rankings become one list; team_draft where it is not given",
                                .words = {"team_draft", "probabilistic"}};
const RealInput kSmallestEffect{.name = "smallest_effect",
                                .help = "A difference of the primary metric that is worth to be seen",
                                .minimum = 1e-9,
                                .maximum = 1e9,
                                .example = 0.02,
                                .unit = "of the metric"};
const NumberInput kPlanned{.name = "planned_people",
                           .help =
                               "People in all arms together; computed from the smallest effect where it is "
                               "not given",
                           .minimum = 2,
                           .example = 20'000,
                           .unit = "people"};
const RealInput kBaseline{.name = "baseline",
                          .help = "The control's rate, for the size; as measured where it is not given",
                          .maximum = 1,
                          .unit = "of the requests"};
const RealInput kDeviation{.name = "deviation",
                           .help =
                               "The standard deviation between people, for the size where the metric is no "
                               "rate",
                           .minimum = 1e-9,
                           .maximum = 1e9,
                           .unit = "of the metric"};
const TextInput kArmName{.name = "name", .help = "What the arm is called", .least = 1, .most = 50};
const RealInput kShare{.name = "share",
                       .help = "Of the traffic, at full exposure",
                       .minimum = 0.00001,
                       .maximum = 1,
                       .unit = "of the traffic"};
const RealInput kBound{.name = "bound",
                       .help = "How much worse than the control an arm may be",
                       .maximum = 1e9,
                       .unit = "of the metric"};
const NumberInput kHold{.name = "hold_seconds",
                        .help = "How long each step is held at least",
                        .minimum = 60,
                        .maximum = 30 * 86'400,
                        .preset = 86'400,
                        .unit = "seconds"};
const NumberInput kPeople{.name = "people",
                          .help = "Whom each arm has answered at least, before the next step",
                          .maximum = 1'000'000'000,
                          .preset = 100,
                          .unit = "people"};

// The faults of a part of the body, at its place.
void move_faults(BodyReader& part, const std::vector<std::string>& place, BodyReader& body) {
  for (FieldFault& fault : part.take_faults()) {
    std::vector<std::string> below = place;
    std::move(fault.loc.begin() + 1, fault.loc.end(), std::back_inserter(below));
    body.fault(std::move(below), std::move(fault.msg), std::move(fault.type));
  }
}

// A text that must be there.
std::string required_text(BodyReader& body, const TextInput& input) {
  const json::value* given = body.given(input.name);
  if (given == nullptr || given->is_null()) {
    body.fault({std::string{input.name}}, "Field required", "missing");
    return {};
  }
  return body.read(input);
}

// A list of objects; null: it is not given, or none, which is told.
const json::array* list_of(BodyReader& body, std::string_view name, std::size_t least, std::size_t most) {
  const json::value* given = body.given(name);
  if (given == nullptr) {
    if (least > 0) body.fault({std::string{name}}, "Field required", "missing");
    return nullptr;
  }
  if (given->is_null() && least == 0) return nullptr;
  const json::array* list = given->if_array();
  if (list == nullptr) {
    body.fault({std::string{name}}, "Input should be a valid list", "list_type");
  } else if (list->size() < least || list->size() > most) {
    body.fault({std::string{name}},
               "should have " + std::to_string(least) + " to " + std::to_string(most) + " entries, not " +
                   std::to_string(list->size()),
               "length");
    return nullptr;
  }
  return list;
}

ModelId model_of(BodyReader& arm) {
  const json::value* given = arm.given(kModelId);
  if (given == nullptr) {
    arm.fault({std::string{kModelId}}, "Field required", "missing");
  } else if (given->is_string() && given->get_string() == kChampion) {
    return {};
  } else if (given->is_int64() && given->get_int64() > 0) {
    return ModelId{given->get_int64()};
  } else {
    arm.fault({std::string{kModelId}}, "Input should be the number of a model or 'champion'", "value_error");
  }
  return {};
}

std::vector<storage::ExperimentArm> read_arms(BodyReader& body) {
  std::vector<storage::ExperimentArm> arms;
  const json::array* list = list_of(body, "arms", kLeastArms, kMostArms);
  if (list == nullptr) return arms;
  std::set<std::string> names;
  double all = 0;
  for (std::size_t i = 0; i < list->size(); ++i) {
    BodyReader arm{(*list)[i]};
    storage::ExperimentArm& made = arms.emplace_back();
    made.name = required_text(arm, kArmName);
    made.model = model_of(arm);
    made.share = arm.read(kShare);
    all += made.share;
    if (!made.name.empty() && !names.insert(made.name).second)
      arm.fault({"name"}, "Another arm is called '" + made.name + "'", "value_error");
    move_faults(arm, {"arms", std::to_string(i)}, body);
  }
  if (all > 1 + kRounding)
    body.fault({"arms"}, "The shares of all arms together are at most 1", "value_error");
  return arms;
}

std::vector<app::Guardrail> read_guardrails(BodyReader& body, const MetricInputs& metrics) {
  std::vector<app::Guardrail> guardrails;
  const json::array* list = list_of(body, "guardrails", 0, metrics.names.size());
  if (list == nullptr) return guardrails;
  for (std::size_t i = 0; i < list->size(); ++i) {
    BodyReader guardrail{(*list)[i]};
    const std::string metric{guardrail.read(metrics.guarded)};
    const double bound = guardrail.read(kBound);
    if (std::ranges::count(guardrails, metric, &app::Guardrail::metric) > 0)
      guardrail.fault({"metric"}, "It has a bound already", "value_error");
    move_faults(guardrail, {"guardrails", std::to_string(i)}, body);
    if (!metric.empty()) guardrails.push_back({metric, bound});
  }
  return guardrails;
}

std::vector<double> read_steps(BodyReader& ramp) {
  if (ramp.given("steps") == nullptr) return kUsualSteps;
  std::vector<double> steps;
  const json::array* list = list_of(ramp, "steps", 1, kMostSteps);
  if (list == nullptr) return kUsualSteps;
  for (const json::value& step : *list) {
    const double share = step.is_number() ? step.to_number<double>() : 0;
    if (!(share > 0 && share <= 1) || (!steps.empty() && share <= steps.back())) {
      ramp.fault({"steps"}, "Steps are rising shares of the traffic, above 0 and at most 1", "value_error");
      break;
    }
    steps.push_back(share);
  }
  return steps;
}

ml::RampPlan read_ramp(BodyReader& body) {
  const json::value* given = body.given("ramp");
  if (given == nullptr || given->is_null()) return {};
  BodyReader ramp{*given};
  ml::RampPlan plan;
  plan.steps = read_steps(ramp);
  plan.hold = std::chrono::seconds{ramp.read_if_given(kHold).value_or(*kHold.preset)};
  plan.people = ramp.read_if_given(kPeople).value_or(*kPeople.preset);
  move_faults(ramp, {"ramp"}, body);
  return plan;
}

json::object object_schema(std::initializer_list<std::string_view> required,
                           std::initializer_list<BodyMember> members) {
  return json::parse(body_schema(required, members)).as_object();
}

BodyMember list_member(std::string_view name, std::string_view help, json::object items, std::size_t least,
                       std::size_t most) {
  return {name,
          {{"type", "array"},
           {"description", help},
           {"items", std::move(items)},
           {"minItems", least},
           {"maxItems", most}}};
}

BodyMember model_member() {
  return {kModelId,
          {{"description", "Who answers the arm: a model's number, or whoever is the champion"},
           {"anyOf",
            {{{"type", "integer"}, {"minimum", 1}, {"maximum", kLargestNumber}},
             {{"type", "string"}, {"const", kChampion}}}}}};
}

BodyMember steps_member() {
  return list_member("steps", "Of the traffic, for the largest arm, one after the other; rising",
                     {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 1}}, 1, kMostSteps);
}

BodyMember ramp_member() {
  json::object ramp = object_schema({}, {steps_member(), in_body(kHold), in_body(kPeople)});
  ramp["description"] = "Gives the arms more of the traffic step by step; all at once where there is none";
  allow_null(ramp);
  return {"ramp", std::move(ramp)};
}

std::optional<Interleaving> read_interleaving(BodyReader& body) {
  const bool together = body.read_if_given(kMethod).value_or(*kMethod.preset) == "interleaving";
  const auto way = body.read_if_given(kInterleaving);
  if (way && !together)
    body.fault({std::string{kInterleaving.name}}, "It says how lists are merged, and the method is split",
               "value_error");
  if (!together) return std::nullopt;
  return way ? parse_interleaving(*way) : Interleaving::kTeamDraft;
}

// What a list of both arms cannot tell.
void check_interleaved(const app::ExperimentRequest& request, std::span<const FeedbackRule> rules,
                       BodyReader& body) {
  const std::vector<storage::ExperimentArm>& arms = request.experiment.arms;
  if (arms.size() > 2) {
    body.fault({"arms"}, "An interleaved list is of exactly two arms, not of " + std::to_string(arms.size()),
               "value_error");
  } else if (arms.size() == 2) {
    if (arms[0].model == arms[1].model)
      body.fault({"arms", "1", std::string{kModelId}},
                 "Both arms name one model, so there is nothing to interleave", "value_error");
    if (std::abs(arms[0].share - arms[1].share) > kRounding)
      body.fault({"arms", "1", std::string{kShare.name}},
                 "Every interleaved list is of both arms, so their shares are the same", "value_error");
  }
  const auto check = [&](const std::string& name, std::vector<std::string> place) {
    if (app::ListMetric::of_design(name, rules).is_of_an_arm()) return;
    body.fault(std::move(place),
               "The metric " + name +
                   " is of a whole list and not of an arm; of interleaved arms there are pick_rate, value, "
                   "picks, reward and those of the domain's other kinds of feedback",
               "value_error");
  };
  check(request.design.primary, {"primary"});
  for (std::size_t i = 0; i < request.design.guardrails.size(); ++i)
    check(request.design.guardrails[i].metric, {"guardrails", std::to_string(i), "metric"});
}

}  // namespace

Result<app::ExperimentRequest> read_experiment(const json::value& value,
                                               std::span<const FeedbackRule> rules) {
  BodyReader body{value};
  const MetricInputs metrics(rules);
  app::ExperimentRequest request;
  request.experiment.name = required_text(body, kName);
  const auto unit = parse_experiment_unit(body.read_if_given(kUnit).value_or(*kUnit.preset));
  request.experiment.unit = unit.value_or(ExperimentUnit::kPerson);
  request.design.primary = body.read_if_given(metrics.primary).value_or(*metrics.primary.preset);
  request.experiment.interleaving = read_interleaving(body);
  request.experiment.arms = read_arms(body);
  request.design.guardrails = read_guardrails(body, metrics);
  request.design.smallest_effect = body.read(kSmallestEffect);
  request.design.planned_people = body.read_if_given(kPlanned).value_or(0);
  request.baseline = body.read_if_given(kBaseline);
  request.deviation = body.read_if_given(kDeviation);
  request.design.ramp = read_ramp(body);
  if (request.experiment.interleaving) check_interleaved(request, rules, body);
  if (const Status read = body.status(); !read) return read.error();
  return request;
}

std::string experiment_schema(std::span<const FeedbackRule> rules) {
  const MetricInputs metrics(rules);
  return body_schema(
      {kName.name, "arms", kSmallestEffect.name},
      {in_body(kName), in_body(kMethod), in_body(kInterleaving), in_body(kUnit), in_body(metrics.primary),
       list_member("arms", "The first is the control",
                   object_schema({kArmName.name, kModelId, kShare.name},
                                 {in_body(kArmName), model_member(), in_body(kShare)}),
                   kLeastArms, kMostArms),
       list_member(
           "guardrails", "What ends the experiment when an arm is surely worse",
           object_schema({metrics.guarded.name, kBound.name}, {in_body(metrics.guarded), in_body(kBound)}), 0,
           metrics.names.size()),
       in_body(kSmallestEffect), in_body(kPlanned), in_body(kBaseline), in_body(kDeviation), ramp_member()},
      R"({"name":"new mlp","arms":[{"name":"control","model_id":"champion","share":0.5},)"
      R"({"name":"champion again","model_id":"champion","share":0.5}],"smallest_effect":0.02,"baseline":0.3})");
}

}  // namespace rankloop::http
