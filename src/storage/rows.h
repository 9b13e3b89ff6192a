// Rows of the ledger as records, once for every dialect: each of these makes a record of any driver's row
// whose answer has the columns that it names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/hash_circle.h"
#include "error/result.h"
#include "storage/columns.h"
#include "storage/experiments.h"
#include "storage/outcome_so_far.h"
#include "storage/packed_placements.h"
#include "storage/packed_ranking.h"
#include "storage/records.h"
#include "storage/registry_rules.h"
#include "telemetry/trace.h"

namespace rankloop::storage {

// What a stored word stands for. kDataLoss: nothing that this version knows; `what` says whose word it is.
template <class Word>
Result<Word> known_word(std::optional<Word> word, std::string_view what, std::string_view text) {
  if (word) return *word;
  return Error{ErrorCode::kDataLoss, "The store has a row with the " + std::string(what) + " '" +
                                         std::string(text) + "', which this version does not know"};
}

// The verdict on a model; stored as an empty text when there is none.
template <class Row>
Result<std::optional<Verdict>> verdict_of(const Row& row) {
  const std::string_view text = row.bytes("verdict");
  if (text.empty()) return std::optional<Verdict>{};
  const Result<Verdict> verdict = known_word(parse_verdict(text), "verdict", text);
  if (!verdict) return verdict.error();
  return std::optional{*verdict};
}

// ---- Catalog, models, bookkeeping ------------------------------------------------------------------------

inline constexpr auto item_of = [](const auto& row) {
  const std::int64_t since = row.integer("since");
  return ItemRecord{ItemId{row.integer("item_id")}, row.integer("version"), row.boolean("deleted"),
                    row.text("payload"),
                    since == 0 ? std::nullopt : std::optional(WallTime(std::chrono::milliseconds(since)))};
};

// kDataLoss: its verdict is unknown, or its ranges are damaged.
inline constexpr auto model_of = [](const auto& row) -> Result<ModelRecord> {
  const Result<std::optional<Verdict>> verdict = verdict_of(row);
  if (!verdict) return verdict.error();
  Result<CircleRanges> ranges = parse_ranges(row.bytes("ranges"));
  if (!ranges) return ranges.error();
  return ModelRecord{.id = ModelId{row.integer("id")},
                     .family = row.text("family"),
                     .feature_fingerprint = row.text("feature_fingerprint"),
                     .artefact_hash = row.text("artefact_hash"),
                     .metrics = row.text("metrics"),
                     .lineage = row.text("lineage"),
                     .domain_version = row.small("domain_version"),
                     .created = row.time("created"),
                     .champion = row.boolean("champion"),
                     .share = row.real("share"),
                     .ranges = *std::move(ranges),
                     .shadow = row.boolean("shadow"),
                     .verdict = *verdict,
                     .detail = row.text("detail")};
};

// kDataLoss: what happened is unknown.
inline constexpr auto model_event_of = [](const auto& row) -> Result<ModelEvent> {
  const std::string_view text = row.bytes("what");
  const Result<ModelEventKind> what = known_word(parse_model_event_kind(text), "event of a model", text);
  if (!what) return what.error();
  return ModelEvent{.id = row.integer("id"),
                    .at = row.time("at"),
                    .what = *what,
                    .model = ModelId{row.integer("model_id")},
                    .actor = row.text("actor"),
                    .reason = row.text("reason"),
                    .detail = row.text("detail"),
                    .remark = row.text("remark")};
};

// An experiment with one of its arms. kDataLoss: a word or its slice is unknown.
inline constexpr auto experiment_of = [](const auto& row) -> Result<ExperimentRecord> {
  const std::string_view unit_text = row.bytes("unit");
  const auto unit = known_word(parse_experiment_unit(unit_text), "unit of an experiment", unit_text);
  if (!unit) return unit.error();
  const std::string_view state_text = row.bytes("state");
  const auto state = known_word(parse_experiment_state(state_text), "state of an experiment", state_text);
  if (!state) return state.error();
  Result<CircleRanges> slice = parse_ranges(row.bytes("slice"));
  if (!slice) return slice.error();
  const std::string_view way_text = row.bytes("interleaving");
  const auto way = parse_interleaving(way_text);
  if (!way && !way_text.empty()) return known_word(way, "interleaving of an experiment", way_text).error();
  return ExperimentRecord{.id = ExperimentId{row.integer("id")},
                          .name = row.text("name"),
                          .unit = *unit,
                          .interleaving = way,
                          .state = *state,
                          .arms = {{ArmId{row.integer("arm")}, row.text("arm_name"),
                                    ModelId{row.integer("model_id")}, row.real("share")}},
                          .design = row.text("design"),
                          .slice = *std::move(slice),
                          .exposure = row.real("exposure"),
                          .after_request = InferenceId{row.integer("after_request")},
                          .created = row.time("created"),
                          .started = row.optional_time("started"),
                          .ramped = row.optional_time("ramped"),
                          .ended = row.optional_time("ended"),
                          .conclusion = parse_conclusion(row.bytes("conclusion")),
                          .winner = row.text("winner")};
};

// kDataLoss: what happened is unknown.
inline constexpr auto experiment_event_of = [](const auto& row) -> Result<ExperimentEvent> {
  const std::string_view text = row.bytes("what");
  const auto what = known_word(parse_experiment_event_kind(text), "event of an experiment", text);
  if (!what) return what.error();
  return ExperimentEvent{.id = row.integer("id"),
                         .at = row.time("at"),
                         .what = *what,
                         .experiment = ExperimentId{row.integer("experiment_id")},
                         .actor = row.text("actor"),
                         .reason = row.text("reason"),
                         .detail = row.text("detail"),
                         .remark = row.text("remark")};
};

// Without its feedback.
inline constexpr auto request_outcome_of = [](const auto& row) {
  return RequestOutcome{
      InferenceId{row.integer("inference_id")}, row.text("user_key"), row.time("created"), {}};
};

// Likewise. kDataLoss: what models placed is damaged.
inline constexpr auto arm_request_of = [](const auto& row) -> Result<ArmRequest> {
  ArmRequest request{.request = request_outcome_of(row),
                     .arm = ArmId{row.integer("arm")},
                     .model = ModelId{row.integer("model_id")},
                     .task = row.task_id("task_id"),
                     .payload = row.text("payload")};
  if (row.is_null("placed")) return request;
  request.policy = {row.text("policy"), row.text("parameters")};
  Result<std::vector<Placement>> placed = unpack_placements(row.bytes("placed"));
  if (!placed) return placed.error();
  request.placed = *std::move(placed);
  return request;
};

inline constexpr auto tenure_of = [](const auto& row) {
  return Tenure{row.boolean("rolled_back"), ModelId{row.integer("model_id")}, row.boolean("is_there")};
};

inline constexpr auto model_counts_of = [](const auto& row) {
  return ModelCounts{.model = ModelId{row.integer("model_id")},
                     .shown = row.integer("shown"),
                     .picked = row.integer("picked"),
                     .none = row.integer("none"),
                     .value = row.real("value")};
};

inline constexpr auto domain_of = [](const auto& row) {
  return DomainRecord{row.small("version"), row.text("name"), row.text("fingerprint"), row.text("source")};
};

inline constexpr auto kept_answer_of = [](const auto& row) {
  KeptAnswer answer{row.text("fingerprint"), row.small("status"), row.text("body"), std::nullopt};
  if (!row.is_null("task_id")) answer.task = row.task_id("task_id");
  return answer;
};

inline constexpr auto user_of = [](const auto& row) {
  return RequestRecord{RequestId{row.integer("id")}, row.time("created"), row.text("user_key"),
                       row.text("payload"), row.small("domain_version")};
};

// ---- Inferences ------------------------------------------------------------------------------------------

// kDataLoss: the packed list is damaged.
inline constexpr auto ranking_of = [](const auto& row) -> Result<Ranking> {
  Result<RankedList> list = unpack_ranking(row.bytes("packed"));
  if (!list) return list.error();
  Ranking ranking;
  ranking.items = std::move(list->items);
  ranking.left_out = std::move(list->left_out);
  ranking.model = ModelId{row.integer("model_id")};
  ranking.policy = parse_policy(row.bytes("policy"), row.bytes("parameters"), row.boolean("deterministic"));
  ranking.seed = static_cast<std::uint64_t>(row.integer("seed"));
  ranking.catalog_version = row.integer("catalog_version");
  ranking.domain_version = row.small("ranked_domain_version");
  ranking.known = row.optional_integer("known");
  ranking.known_hash = static_cast<std::uint64_t>(row.optional_integer("known_hash").value_or(0));
  return ranking;
};

// kDataLoss: its source is unknown.
inline constexpr auto exposure_of = [](const auto& row) -> Result<Exposure> {
  const std::string_view text = row.bytes("source");
  const Result<ExposureSource> source = known_word(parse_exposure_source(text), "source of a showing", text);
  if (!source) return source.error();
  return Exposure{row.small("first_rank"), row.small("count"), row.time("at"), *source};
};

inline constexpr auto feedback_of = [](const auto& row) {
  Feedback feedback;
  if (!row.is_null("item")) feedback.item = ItemId{row.integer("item")};
  feedback.rank = row.small("rank");
  feedback.kind = row.text("kind");
  feedback.value = row.real("value");
  feedback.people = row.real("people");
  feedback.at = row.time("at");
  feedback.weight = row.real("weight");
  feedback.evidence = row.boolean("evidence");
  return feedback;
};

inline constexpr auto outcome_so_far_of = [](const auto& row) {
  return OutcomeSoFar{row.boolean("seen"), ModelId{row.integer("model_id")}, row.integer("picks") > 0,
                      row.integer("nones") > 0, row.integer("picks_of_item") > 0};
};

// Of the statement "inference", the row of the inference itself.
inline constexpr auto inference_of = [](const auto& row) -> Result<InferenceRecord> {
  InferenceRecord record;
  record.id = InferenceId{row.integer("id")};
  record.task = row.task_id("task_id");
  record.user = RequestId{row.integer("user_id")};
  record.created = row.time("created");
  record.domain_version = row.small("domain_version");
  // History that was imported has no task: it is over.
  record.state = row.is_null("state") ? TaskState::kSucceeded : static_cast<TaskState>(row.small("state"));
  record.error = row.text("error");
  record.attempt = row.small("attempt");
  record.candidate_fields = row.text("candidate_fields");
  if (!row.is_null("candidates")) {
    Result<std::vector<ItemId>> candidates = unpack_ids(row.bytes("candidates"));
    if (!candidates) return candidates.error();
    record.candidates = *std::move(candidates);
  }
  if (record.state != TaskState::kSucceeded || row.is_null("packed")) return record;
  Result<Ranking> ranking = ranking_of(row);
  if (!ranking) return ranking.error();
  record.ranking = *std::move(ranking);
  if (row.is_null("placed")) return record;
  Result<std::vector<Placement>> placed = unpack_placements(row.bytes("placed"));
  if (!placed) return placed.error();
  record.ranking.placed = *std::move(placed);
  return record;
};

// Of an inference that a task ended.
inline constexpr auto ended_inference_of = [](const auto& row) {
  return StartedInference{RequestId{row.integer("user_id")}, InferenceId{row.integer("subject")}};
};

inline constexpr auto ranked_of = [](const auto& row) -> Result<RankedInference> {
  RankedInference found{.id = InferenceId{row.integer("subject")},
                        .user = RequestId{row.integer("user_id")},
                        .state = static_cast<TaskState>(row.small("state")),
                        .attempt = row.small("attempt"),
                        .error = row.text("error"),
                        .candidate_fields = row.text("candidate_fields"),
                        .ranking = {},
                        .shown = row.small("shown")};
  if (found.state != TaskState::kSucceeded || row.is_null("packed")) return found;
  Result<Ranking> ranking = ranking_of(row);
  if (!ranking) return ranking.error();
  found.ranking = *std::move(ranking);
  append_unknown(row.bytes("unknown_candidates"), found.ranking.left_out);
  return found;
};

inline constexpr auto request_source_of = [](const auto& row) -> Result<RequestSource> {
  const std::string_view text = row.bytes("source");
  return known_word(parse_request_source(text), "source of a request", text);
};

// Without its feedback. kDataLoss as ranking_of, or its source is unknown, or its candidates are damaged.
inline constexpr auto shown_request_of = [](const auto& row) -> Result<ShownRequest> {
  const Result<RequestSource> source = request_source_of(row);
  if (!source) return source.error();
  Result<Ranking> ranking = ranking_of(row);
  if (!ranking) return ranking.error();
  Result<std::vector<ItemId>> candidates = unpack_ids(row.bytes("candidates"));
  if (!candidates) return candidates.error();
  const auto shown = static_cast<std::size_t>(row.small("shown"));
  ranking->items.resize(std::min(shown, ranking->items.size()));
  std::optional<std::int64_t> known = ranking->known;
  if (!known && !row.is_null("position")) known = row.integer("position") - 1;
  return ShownRequest{.id = InferenceId{row.integer("inference_id")},
                      .task = row.task_id("task_id"),
                      .user = RequestId{row.integer("user_id")},
                      .person = row.text("user_key"),
                      .created = row.time("created"),
                      .domain_version = row.small("domain_version"),
                      .payload = row.text("payload"),
                      .candidates = *std::move(candidates),
                      .candidates_given = !row.is_null("candidates"),
                      .candidate_fields = row.text("candidate_fields"),
                      .source = *source,
                      .ranking = *std::move(ranking),
                      .known = known,
                      .feedback = {}};
};

inline constexpr auto outcome_counts_of = [](const auto& row) {
  return OutcomeCounts{row.integer("shown"), row.integer("with_outcome")};
};

// ---- Tasks -----------------------------------------------------------------------------------------------

inline constexpr auto task_of = [](const auto& row) {
  TaskRecord record;
  record.id = row.task_id("id");
  record.kind = static_cast<TaskKind>(row.small("kind"));
  record.state = static_cast<TaskState>(row.small("state"));
  record.attempt = row.small("attempt");
  record.created = row.time("created");
  record.run_at = row.optional_time("run_at");
  record.started = row.optional_time("started");
  record.finished = row.optional_time("finished");
  record.error = row.text("error");
  if (record.kind == TaskKind::kInference) {
    record.inference = InferenceId{row.integer("subject")};
  } else {
    record.model = ModelId{row.integer("subject")};
  }
  record.arguments = row.text("arguments");
  record.progress = row.text("progress");
  record.trace = telemetry::parse_traceparent(row.bytes("trace"));
  return record;
};

// Of the statement "task".
inline constexpr auto whole_task_of = [](const auto& row) {
  TaskRecord record = task_of(row);
  record.result = row.text("result");
  return record;
};

inline constexpr auto due_reply_of = [](const auto& row) {
  return DueReply{task_of(row), {row.text("reply_to"), row.text("correlation_id")}};
};

// Of a task of inference, as it was asked for; `columns` are not stored. kDataLoss: its candidates are
// damaged, or its source is unknown.
inline constexpr auto new_inference_of = [](const auto& row) -> Result<NewInference> {
  Result<std::vector<ItemId>> candidates = unpack_ids(row.bytes("candidates"));
  if (!candidates) return candidates.error();
  const Result<RequestSource> source = request_source_of(row);
  if (!source) return source.error();
  NewInference request;
  request.task = row.task_id("id");
  request.at = row.time("created");
  request.domain_version = row.small("domain_version");
  request.candidates_given = !row.is_null("candidates");
  request.candidates = *std::move(candidates);
  request.candidate_fields = row.text("candidate_fields");
  request.unknown_candidates = row.text("unknown_candidates");
  request.wishes = row.text("wishes");
  request.source = *source;
  request.person = row.text("user_key");
  request.payload = row.text("payload");
  request.trace = telemetry::parse_traceparent(row.bytes("trace"));
  return request;
};

}  // namespace rankloop::storage
