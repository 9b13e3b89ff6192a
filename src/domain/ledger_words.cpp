// The names of what the ledger tells by a word.
#include "domain/ledger_words.h"

#include <array>

#include "domain/enum_names.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 3> kRequestSources = {"api", "celery", "import"};
constexpr std::array<std::string_view, 3> kExposureSources = {"results", "start", "import"};
constexpr std::array<std::string_view, 5> kLeftOutReasons = {"unknown", "deleted", "doubled", "ruled_out",
                                                             "uncomputable"};
constexpr std::array<std::string_view, 3> kVerdicts = {"promote", "reject", "insufficient_evidence"};
constexpr std::array<std::string_view, 9> kModelEvents = {
    "trained", "promoted", "rejected", "insufficient_evidence", "rolled_back", "share",
    "shadow",  "removed",  "added"};
constexpr std::array<std::string_view, 2> kExperimentUnits = {"person", "request"};
constexpr std::array<std::string_view, 2> kInterleavings = {"team_draft", "probabilistic"};
constexpr std::array<std::string_view, 4> kExperimentStates = {"draft", "running", "stopped", "concluded"};
constexpr std::array<std::string_view, 5> kConclusions = {"winner", "no_difference", "harmful", "invalid",
                                                          "abandoned"};
constexpr std::array<std::string_view, 5> kExperimentEvents = {"created", "started", "ramped", "stopped",
                                                               "concluded"};

}  // namespace

std::string_view name_of(RequestSource source) {
  return name_among(kRequestSources, source);
}
std::string_view name_of(ExposureSource source) {
  return name_among(kExposureSources, source);
}
std::string_view name_of(LeftOutReason reason) {
  return name_among(kLeftOutReasons, reason);
}
std::string_view name_of(Verdict verdict) {
  return name_among(kVerdicts, verdict);
}
std::string_view name_of(ModelEventKind kind) {
  return name_among(kModelEvents, kind);
}
std::string_view name_of(ExperimentUnit unit) {
  return name_among(kExperimentUnits, unit);
}
std::string_view name_of(Interleaving way) {
  return name_among(kInterleavings, way);
}
std::string_view name_of(ExperimentState state) {
  return name_among(kExperimentStates, state);
}
std::string_view name_of(Conclusion conclusion) {
  return name_among(kConclusions, conclusion);
}
std::string_view name_of(ExperimentEventKind kind) {
  return name_among(kExperimentEvents, kind);
}

std::optional<RequestSource> parse_request_source(std::string_view name) {
  return value_named<RequestSource>(kRequestSources, name);
}
std::optional<ExposureSource> parse_exposure_source(std::string_view name) {
  return value_named<ExposureSource>(kExposureSources, name);
}
std::optional<Verdict> parse_verdict(std::string_view name) {
  return value_named<Verdict>(kVerdicts, name);
}
std::optional<ModelEventKind> parse_model_event_kind(std::string_view name) {
  return value_named<ModelEventKind>(kModelEvents, name);
}
std::optional<ExperimentUnit> parse_experiment_unit(std::string_view name) {
  return value_named<ExperimentUnit>(kExperimentUnits, name);
}
std::optional<Interleaving> parse_interleaving(std::string_view name) {
  return value_named<Interleaving>(kInterleavings, name);
}
std::optional<ExperimentState> parse_experiment_state(std::string_view name) {
  return value_named<ExperimentState>(kExperimentStates, name);
}
std::optional<Conclusion> parse_conclusion(std::string_view name) {
  return value_named<Conclusion>(kConclusions, name);
}
std::optional<ExperimentEventKind> parse_experiment_event_kind(std::string_view name) {
  return value_named<ExperimentEventKind>(kExperimentEvents, name);
}

}  // namespace rankloop
