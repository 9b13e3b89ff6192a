// The names of what the ledger tells by a word.
#include "domain/ledger_words.h"

#include <array>

#include "domain/enum_names.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 2> kFeedbackKinds = {"pick", "none"};
constexpr std::array<std::string_view, 3> kRequestSources = {"api", "celery", "import"};
constexpr std::array<std::string_view, 3> kExposureSources = {"results", "start", "import"};
constexpr std::array<std::string_view, 5> kLeftOutReasons = {"unknown", "deleted", "doubled", "ruled_out",
                                                             "uncomputable"};
constexpr std::array<std::string_view, 3> kVerdicts = {"promote", "reject", "insufficient_evidence"};
constexpr std::array<std::string_view, 9> kModelEvents = {
    "trained", "promoted", "rejected", "insufficient_evidence", "rolled_back", "share",
    "shadow",  "removed",  "added"};

}  // namespace

std::string_view name_of(FeedbackKind kind) {
  return name_among(kFeedbackKinds, kind);
}
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

std::optional<FeedbackKind> parse_feedback_kind(std::string_view name) {
  return value_named<FeedbackKind>(kFeedbackKinds, name);
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

}  // namespace rankloop
