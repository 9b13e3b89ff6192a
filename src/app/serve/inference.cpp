// From a request's body to its ranking, what is shown of it, and the pick.
#include "app/serve/inference.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

#include <boost/json/value.hpp>

#include "app/serve/answer.h"
#include "app/serve/candidates.h"
#include "app/serve/candidates_input.h"
#include "app/serve/list_wishes.h"
#include "app/serve/request_envelope.h"
#include "domain/body_reader.h"
#include "domain/feedback_kinds.h"
#include "domain/schema_names.h"

namespace rankloop::app {
namespace {

constexpr std::chrono::milliseconds kStoreBackoff{500};

const std::vector<std::string_view> kBody = {"body"};

Error task_not_found() {
  return {ErrorCode::kNotFound, "Task not found"};
}

double seconds_since(std::chrono::steady_clock::time_point start, std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

// Since it was accepted. When another process did that, wall clocks tell, which may differ a little.
double age_of(const storage::NewInference& request, const Clock& clock) {
  if (request.accepted != Monotonic{}) return seconds_since(request.accepted, clock.monotonic());
  return std::max(0.0, std::chrono::duration<double>(clock.wall() - request.at).count());
}

}  // namespace

int rank_in(const Ranking& ranking, ItemId item) {
  const auto at = std::find_if(ranking.items.begin(), ranking.items.end(),
                               [item](const RankedItem& ranked) { return ranked.item == item; });
  return at == ranking.items.end() ? 0 : static_cast<int>(at - ranking.items.begin()) + 1;
}

Error not_ready(const EndedInference* ended, TaskState state) {
  if (ended == nullptr) {
    return {ErrorCode::kFailedPrecondition,
            "Results are not ready: the task is " + std::string{name_of(state)}};
  }
  return {ErrorCode::kFailedPrecondition, "The task " + std::string{name_of(ended->state)} +
                                              (ended->error.empty() ? "" : ": " + ended->error)};
}

Inference::Inference(std::shared_ptr<const Domain> domain, int domain_version,
                     const InferenceOptions& options, storage::Store& store, Serving& serving,
                     Histories& histories, RecentInferences& recent, telemetry::Metrics& metrics,
                     telemetry::Logger& log, const Clock& clock)
    : domain_(std::move(domain)),
      domain_version_(domain_version),
      options_(options),
      store_(store),
      serving_(serving),
      histories_(histories),
      recent_(recent),
      metrics_(metrics),
      told_(metrics.feedback, feedback_kinds(domain_->feedback), "ranking"),
      log_(log),
      clock_(clock) {
  for (const std::string& column : domain_->requests.columns()) {
    const Field* field = domain_->requests.field(column);
    if (is_part_of_field(column)) {  // how often it was what says nothing
      flags_.push_back(nullptr);
      numbers_.push_back(nullptr);
      continue;
    }
    const FieldType type = field == nullptr ? FieldType::kFloat : field->type;
    if (type == FieldType::kBool) {
      flags_.push_back(&metrics_.requests.flags->Add({{"field", column}}));
      numbers_.push_back(nullptr);
    } else {
      const bool is_moment = type == FieldType::kDate || type == FieldType::kTime;
      flags_.push_back(nullptr);
      numbers_.push_back(is_moment ? nullptr : &metrics_.requests.number(column));
    }
  }
}

void Inference::observe(std::span<const double> columns) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (std::isnan(columns[i])) continue;
    if (numbers_[i] != nullptr) numbers_[i]->Observe(columns[i]);
    if (flags_[i] != nullptr && columns[i] != 0) flags_[i]->Increment();
  }
}

Result<InferenceInput> Inference::check(const boost::json::value& body) const {
  InferenceInput input;
  std::vector<FieldFault> faults;
  const auto envelope = envelope_names();
  Result<Record> request = domain_->requests.check(body, kBody, envelope, clock_.wall());
  if (!request) faults = request.error().faults;
  if (body.is_object()) {
    BodyReader reader{body};
    input.person = reader.read(kUserKey);
    auto candidates = read_candidates(reader, candidates_input(options_.best, domain_->item_id_type),
                                      serving_.item_names().keys(), domain_->candidate_fields);
    input.candidates_given = candidates.has_value();
    if (candidates) input.candidates = std::move(candidates->items);
    if (candidates) input.candidate_fields = std::move(candidates->fields);
    input.unknown_candidates = lines_of(reader.take_unknown_items());
    if (reader.given(kWishes) != nullptr)
      input.wishes = read_wishes(reader, *domain_, *serving_.current()->catalog, histories_.plan());
    std::ranges::move(reader.take_faults(), std::back_inserter(faults));
  }
  if (!faults.empty()) return invalid_fields(std::move(faults));
  if (!request) return request.error();
  input.request = *std::move(request);
  if (input.request.unknown_fields > 0) {
    metrics_.http.unknown_fields->Increment(static_cast<double>(input.request.unknown_fields));
    input.ignored = unknown_names(domain_->requests, body.get_object(), envelope);
  }
  return input;
}

TaskId Inference::new_task_id() const {
  return TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
}

void Inference::start(const TaskId& task, InferenceInput input,
                      std::optional<storage::RecordedAnswer<storage::StartedInference>> keep,
                      storage::Done<storage::StartedInference> done) {
  observe(input.request.values.numbers);
  storage::NewInference inference;
  inference.task = task;
  inference.payload = std::move(input.request.payload);
  inference.values = std::move(input.request.values);
  inference.person = std::move(input.person);
  inference.candidates = std::move(input.candidates);
  inference.candidates_given = input.candidates_given;
  inference.candidate_fields = std::move(input.candidate_fields);
  inference.unknown_candidates = std::move(input.unknown_candidates);
  inference.wishes = std::move(input.wishes);
  inference.domain_version = domain_version_;
  inference.at = clock_.wall();
  inference.accepted = clock_.monotonic();
  inference.trace = input.trace;
  if (input.foreign) inference.source = RequestSource::kCelery;
  inference.foreign = std::move(input.foreign);
  store_.start_inference(std::move(inference), std::move(keep),
                         [this, done = std::move(done)](Result<storage::StartedInference> outcome) {
                           if (outcome) metrics_.tasks.started->Increment();
                           done(std::move(outcome));
                         });
}

std::shared_ptr<InferenceRun> Inference::begin(const storage::ClaimedTask& task) const {
  return std::make_shared<InferenceRun>(options_, task, clock_.monotonic());
}

void Inference::run(const storage::ClaimedTask& task) {
  const std::shared_ptr<InferenceRun> run = begin(task);
  const storage::NewInference& request = *task.inference;
  Values read;
  ValuesView values = request.values;
  if (values.numbers.empty()) {
    Result<Record> record = domain_->requests.read(request.payload);
    if (!record) return give_up(*run, record.error());
    read = std::move(record->values);
    values = read;
  }
  const std::shared_ptr<const ServedModels> serving = serving_.current();
  const auto from = ranked_from(request, *serving);
  if (!from) return give_up(*run, from.error());
  const auto wishes = wishes_of(request, *domain_);
  if (!wishes) return give_up(*run, wishes.error());
  const ServedModels::Assigned assigned = serving->assigned(request.person, task.lease.task);
  const bool merged = assigned.together(wishes->get());
  ml::RankTimes times;
  ml::RankRequest wanted{.values = values,
                         .person = ml::person_number(request.person),
                         .candidates = request.candidates,
                         .candidates_given = request.candidates_given,
                         .best = options_.best,
                         .seed = task.lease.task.seed(),
                         .explore = merged ? nullptr : &options_.explore,
                         .times = &times,
                         .wishes = wishes->get()};
  const auto prepared = clock_.monotonic();
  auto answered = answer(*serving, assigned, *from, request, wanted, domain_version_, histories_);
  if (!answered) return give_up(*run, answered.error());
  if (!answered->values.numbers.empty()) wanted.values = answered->values;
  auto unranked = left_out(request, wanted, *serving, **from, answered->ranking.items);
  if (!unranked) return give_up(*run, unranked.error());
  answered->ranking.left_out = *std::move(unranked);
  telemetry::StageMetrics& stages = metrics_.tasks.stages;
  stages.features->Observe(seconds_since(run->begin, prepared));
  stages.score->Observe(std::chrono::duration<double>(times.score).count());
  stages.top_k->Observe(std::chrono::duration<double>(times.top_k).count());
  const auto scored = prepared + times.score;
  run->spans.stage("features", run->begin, prepared);
  run->spans.stage("score", prepared, scored);
  run->spans.stage("top_k", scored, scored + times.top_k);
  finish(run, std::move(answered->ranking), std::move(answered->shadows));
}

void Inference::give_up(InferenceRun& run, const Error& error) {
  const storage::ClaimedTask& task = run.task;
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kResourceExhausted) {
    store_.release(task.lease, kStoreBackoff);
    return run.spans.end({"released"}, clock_.monotonic());
  }
  log_.error("a stored request cannot be read", error,
             {{"task_id", task.lease.task.to_string()}, {"trace_id", telemetry::LoggedTrace(task.trace)}});
  fail(run, "the stored request cannot be read with this domain", std::nullopt);
}

Result<std::shared_ptr<const ml::Catalog>> Inference::ranked_from(const storage::NewInference& request,
                                                                  const ServedModels& serving) const {
  return catalog_for(request, serving.catalog, store_);
}

Result<std::vector<LeftOut>> Inference::left_out(const storage::NewInference& request,
                                                 const ml::RankRequest& asked, const ServedModels& serving,
                                                 const ml::Catalog& from,
                                                 std::span<const RankedItem> ranked) const {
  auto found = app::left_out(asked, *serving.catalog, from, ranked, store_);
  if (found) append_unknown(request.unknown_candidates, *found);
  return found;
}

void Inference::finish(std::shared_ptr<InferenceRun> run, Ranking ranking, std::vector<Ranking> shadows) {
  const double ran = seconds_since(run->begin, clock_.monotonic());
  metrics_.tasks.stages.wait->Observe(std::max(0.0, age_of(*run->task.inference, clock_) - ran));

  run->kept = ranking;  // the store takes the other apart for its row
  const storage::Lease lease = run->task.lease;
  store_.finish_inference(
      lease, std::move(ranking), std::move(shadows), clock_.wall(),
      [this, run = std::move(run), handed = clock_.monotonic()](Result<storage::StartedInference> outcome) {
        const auto now = clock_.monotonic();
        metrics_.tasks.stages.commit->Observe(seconds_since(handed, now));
        run->spans.stage("commit", handed, now);
        finished(*run, std::move(outcome));
      });
}

void Inference::finished(InferenceRun& run, Result<storage::StartedInference> outcome) {
  const storage::ClaimedTask& task = run.task;
  const ModelId model = run.kept.model;
  if (!outcome) {
    // A lost lease changes nothing and is somebody else's now; a store that could not commit gets the task
    // back.
    const bool lost = outcome.error().code == ErrorCode::kAborted;
    if (!lost) store_.release(task.lease, kStoreBackoff);
    return run.spans.end({lost ? "lost" : "released", model}, clock_.monotonic());
  }
  auto ended = std::make_shared<EndedInference>();
  ended->task = task.lease.task;
  ended->inference = outcome->inference;
  ended->user = outcome->user;
  ended->attempt = task.attempt;
  ended->candidate_fields = task.inference->candidate_fields;
  ended->ranking = std::move(run.kept);
  recent_.keep(std::move(ended));
  metrics_.tasks.succeeded->Increment();
  metrics_.tasks.total_seconds->Observe(age_of(*task.inference, clock_));
  run.spans.end({"succeeded", model}, clock_.monotonic());
  if (!log_.enabled(telemetry::LogLevel::kDebug)) return;
  log_.debug("task ranked", {{"task_id", task.lease.task.to_string()},
                             {"model_id", std::to_string(model.value)},
                             {"attempt", std::to_string(task.attempt)},
                             {"trace_id", telemetry::LoggedTrace(task.trace)}});
}

void Inference::fail(InferenceRun& run, std::string reason,
                     std::optional<std::chrono::milliseconds> retry_in) {
  run.spans.end({"failed"}, clock_.monotonic());
  store_.fail_task(run.task.lease, std::move(reason), retry_in, [](const Result<TaskState>&) {});
}

Result<std::shared_ptr<const EndedInference>> Inference::load(const TaskId& task) {
  Result<storage::RankedInference> record = store_.ranked(task);
  if (!record) return record.error().code == ErrorCode::kNotFound ? task_not_found() : record.error();
  if (!is_terminal(record->state)) return not_ready(nullptr, record->state);
  auto ended = std::make_shared<EndedInference>();
  ended->task = task;
  ended->inference = record->id;
  ended->user = record->user;
  ended->state = record->state;
  ended->attempt = record->attempt;
  ended->error = std::move(record->error);
  ended->candidate_fields = std::move(record->candidate_fields);
  ended->ranking = std::move(record->ranking);
  ended->shown = record->shown;
  // Any other end may be undone by a retry, even between the reading above and this line.
  if (ended->state != TaskState::kSucceeded) return RecentInferences::Pointer{std::move(ended)};
  return recent_.keep(std::move(ended));
}

std::optional<TaskStatus> Inference::known_status(const TaskId& task) {
  if (const auto ended = recent_.find(task)) {
    return TaskStatus{task,           TaskKind::kInference, ended->state,
                      ended->attempt, ended->error,         ended->ranking.left_out};
  }
  if (const auto live = store_.live_state(task)) {
    return TaskStatus{task, TaskKind::kInference, live->first, live->second, {}};
  }
  return std::nullopt;
}

Result<TaskStatus> Inference::status(const TaskId& task) {
  if (auto known = known_status(task)) return *std::move(known);
  Result<storage::TaskRecord> record = store_.task(task);
  if (!record) return record.error().code == ErrorCode::kNotFound ? task_not_found() : record.error();
  TaskStatus status{task, record->kind, record->state, record->attempt, std::move(record->error)};
  if (record->kind != TaskKind::kInference || record->state != TaskState::kSucceeded) return status;
  const auto ended = load(task);
  if (!ended) return ended.error();
  status.left_out = (*ended)->ranking.left_out;
  return status;
}

void Inference::show(const std::shared_ptr<const EndedInference>& ended, int limit, ExposureSource source,
                     storage::Done<int> done) {
  const int up_to = std::min(limit, static_cast<int>(ended->ranking.items.size()));
  if (const int shown = ended->shown.load(); up_to <= shown) {
    done(shown);
    return;
  }
  store_.record_exposure({ended->inference, up_to, clock_.wall(), source},
                         [ended, done = std::move(done)](Result<std::vector<storage::Exposure>> outcome) {
                           if (!outcome) {
                             done(std::move(outcome).error());
                             return;
                           }
                           const int now =
                               outcome->empty() ? 0 : outcome->back().first_rank + outcome->back().count - 1;
                           int known = ended->shown.load();
                           while (known < now && !ended->shown.compare_exchange_weak(known, now)) {
                           }
                           done(now);
                         });
}

void Inference::pick(const std::shared_ptr<const EndedInference>& ended, int rank,
                     std::optional<storage::RecordedAnswer<storage::Exposure>> keep,
                     storage::Done<Picked> done) {
  storage::NewFeedback feedback;
  feedback.task = ended->task;
  feedback.inference = ended->inference;
  feedback.item = ended->ranking.items[static_cast<std::size_t>(rank) - 1].item;
  feedback.rank = rank;
  feedback.at = clock_.wall();
  tell(std::move(feedback), std::move(keep),
       [ended, rank, done = std::move(done)](Result<storage::Exposure> outcome) {
         outcome ? done(Picked{ended, rank, *std::move(outcome)}) : done(std::move(outcome).error());
       });
}

void Inference::tell(storage::NewFeedback feedback,
                     std::optional<storage::RecordedAnswer<storage::Exposure>> keep,
                     storage::Done<storage::Exposure> done) {
  std::string kind = feedback.kind;
  store_.record_feedback(
      std::move(feedback), std::move(keep),
      [this, kind = std::move(kind), done = std::move(done)](Result<storage::Exposure> outcome) {
        if (outcome) {
          if (kind == kPickKind) metrics_.feedback.good->Increment();
          if (kind == kNoneKind) metrics_.feedback.bad->Increment();
          told_.count(kind);
        }
        done(std::move(outcome));
      });
}

Result<InferenceId> Inference::number_of(const TaskId& task) {
  if (const auto ended = recent_.find(task)) return ended->inference;
  const Result<storage::RankedInference> record = store_.ranked(task);
  if (!record) return record.error().code == ErrorCode::kNotFound ? task_not_found() : record.error();
  return record->id;
}

void Inference::pick_none(const TaskId& task, InferenceId inference,
                          std::optional<storage::RecordedAnswer<storage::Exposure>> keep,
                          storage::Done<storage::Exposure> done) {
  storage::NewFeedback feedback;
  feedback.task = task;
  feedback.inference = inference;
  feedback.kind = kNoneKind;
  feedback.value = 0;
  feedback.at = clock_.wall();
  tell(std::move(feedback), std::move(keep), std::move(done));
}

}  // namespace rankloop::app
