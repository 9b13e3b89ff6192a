// What the ledger tells by a word: where requests and their showings came from, what the gate said of a
// model, what became of it, and what experiments are and come to. The names are stored and told outside: they
// never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rankloop {

enum class RequestSource : std::uint8_t { kApi, kCelery, kImport };

enum class ExposureSource : std::uint8_t {
  kResults,  // the results were read
  kStart,    // they came with the answer to the request
  kImport,
};

// Why a candidate of a request was not ranked.
enum class LeftOutReason : std::uint8_t {
  kUnknown,  // there never was such an item
  kDeleted,
  kDoubled,       // it stands earlier in the list
  kRuledOut,      // a rule of the domain does not hold for it
  kUncomputable,  // what is derived of its values is no number that can be kept
};

// The gate's, on a challenger.
enum class Verdict : std::uint8_t { kPromote, kReject, kInsufficientEvidence };

// A row of the registry's history.
enum class ModelEventKind : std::uint8_t {
  kTrained,
  kPromoted,
  kRejected,
  kInsufficientEvidence,
  kRolledBack,
  kShare,   // its share of the traffic changed
  kShadow,  // it began or ceased to rank beside the model that answers
  kRemoved,
  kAdded,  // in histories begun before there were verdicts
};

// What an experiment gives its arms to: all requests of a person alike, or each request by itself.
enum class ExperimentUnit : std::uint8_t { kPerson, kRequest };

// How the rankings of an experiment's two arms become one list; see ml/interleave.h.
enum class Interleaving : std::uint8_t { kTeamDraft, kProbabilistic };

enum class ExperimentState : std::uint8_t { kDraft, kRunning, kStopped, kConcluded };

// Why an experiment was concluded.
enum class Conclusion : std::uint8_t { kWinner, kNoDifference, kHarmful, kInvalid, kAbandoned };

// A row of an experiment's history.
enum class ExperimentEventKind : std::uint8_t {
  kCreated,
  kStarted,
  kRamped,  // its arms got more or less of the traffic
  kStopped,
  kConcluded,
};

// Whether it made a champion.
constexpr bool makes_champion(ModelEventKind kind) {
  return kind == ModelEventKind::kPromoted || kind == ModelEventKind::kRolledBack;
}

std::string_view name_of(RequestSource source);   // "api", "celery", "import"
std::string_view name_of(ExposureSource source);  // "results", "start", "import"
std::string_view name_of(LeftOutReason reason);   // "unknown", "deleted", "doubled", "ruled_out", ...
std::string_view name_of(Verdict verdict);        // "promote", "reject", "insufficient_evidence"
std::string_view name_of(ModelEventKind kind);    // "trained", "promoted", "rolled_back", ...
std::string_view name_of(ExperimentUnit unit);    // "person", "request"
std::string_view name_of(Interleaving way);       // "team_draft", "probabilistic"
std::string_view name_of(ExperimentState state);  // "draft", "running", "stopped", "concluded"
std::string_view name_of(
    Conclusion conclusion);  // "winner", "no_difference", "harmful", "invalid", "abandoned"
std::string_view name_of(ExperimentEventKind kind);  // "created", "started", "ramped", "stopped", "concluded"

std::optional<RequestSource> parse_request_source(std::string_view name);
std::optional<ExposureSource> parse_exposure_source(std::string_view name);
std::optional<Verdict> parse_verdict(std::string_view name);
std::optional<ModelEventKind> parse_model_event_kind(std::string_view name);
std::optional<ExperimentUnit> parse_experiment_unit(std::string_view name);
std::optional<Interleaving> parse_interleaving(std::string_view name);
std::optional<ExperimentState> parse_experiment_state(std::string_view name);
std::optional<Conclusion> parse_conclusion(std::string_view name);
std::optional<ExperimentEventKind> parse_experiment_event_kind(std::string_view name);

}  // namespace rankloop
