// Asks, keeps what is open, and writes what came back.
#include "worker/jobs/ask_external.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "domain/strict_json.h"
#include "ml/rank.h"
#include "worker/backoff.h"
#include "worker/jobs/external_answer.h"

namespace rankloop::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{1'000};              // for room
constexpr milliseconds kMostBetweenBeats{5'000};  // so that a cancelled task frees its slot soon
constexpr milliseconds kPeerBackoff{500};

// Derived fields that are not kept are part of what the other side needs, too.
Result<boost::json::object> request_fields(const Schema& schema, std::string_view payload,
                                           std::span<const double> columns) {
  auto value = parse_strict_json(payload);
  if (!value) return value.error();
  if (!value->is_object()) return Error{ErrorCode::kDataLoss, "A stored request is no object"};
  boost::json::object fields = std::move(value->get_object());
  for (const DerivedField& derived : schema.derived()) {
    const auto column = schema.column(derived.name);
    if (derived.stored || !column || std::isnan(columns[*column])) continue;
    fields[derived.name] = columns[*column];
  }
  return fields;
}

}  // namespace

// A task that is with the other workers.
struct AskExternal::Asked {
  std::shared_ptr<app::InferenceRun> run;
  Values values;
  boost::json::object request;
  std::shared_ptr<const app::ServedModels> serving;
  std::vector<ItemId> items;  // to be ranked, ascending

  const storage::ClaimedTask& task() const { return run->task; }

  ml::RankRequest wanted(int best) const {
    return {.values = values,
            .candidates = task().inference->candidates,
            .candidates_given = task().inference->candidates_given,
            .best = best,
            .seed = task().lease.task.seed()};
  }
};

AskExternal::AskExternal(std::shared_ptr<const Domain> domain, const AskExternalOptions& options,
                         storage::TaskLedger& store, app::Serving& serving, app::Inference& inference,
                         std::unique_ptr<queue::ExternalWorkers> workers, telemetry::Logger& log,
                         const Clock& clock)
    : domain_(std::move(domain)),
      options_(options),
      store_(store),
      serving_(serving),
      inference_(inference),
      log_(log),
      clock_(clock),
      keeper_(store, std::min(options.lease / 3, kMostBetweenBeats), std::chrono::hours{48},
              [this](const storage::Lease& lease) { lost(lease); }),
      workers_(std::move(workers)) {}

void AskExternal::close() {
  keeper_.stop();
  workers_.reset();
}

int AskExternal::room(const std::stop_token& stop) {
  if (!workers_->wait_ready(kLook, stop)) return 0;
  Lock lock{mutex_};
  freed_.wait_for(lock, stop, kLook, [this]() REQUIRES(mutex_) { return free_slots() > 0; });
  return std::max(free_slots(), 0);
}

Result<std::shared_ptr<AskExternal::Asked>> AskExternal::prepare(
    const std::shared_ptr<app::InferenceRun>& run) const {
  auto asked = std::make_shared<Asked>();
  const storage::ClaimedTask& task = run->task;
  asked->run = run;
  asked->serving = serving_.current();
  Result<Record> record = domain_->requests.read(task.inference->payload);
  if (!record) return record.error();
  asked->values = std::move(record->values);
  auto fields = request_fields(domain_->requests, task.inference->payload, asked->values.numbers);
  if (!fields) return fields.error();
  asked->request = *std::move(fields);
  asked->items = ml::eligible_items(*asked->serving->catalog, asked->wanted(options_.best));
  return asked;
}

std::string AskExternal::arguments_of(const Asked& asked) const {
  boost::json::array items;
  items.reserve(asked.items.size());
  for (const ItemId item : asked.items) items.emplace_back(item.value);
  return boost::json::serialize(boost::json::object{{"task_id", asked.task().lease.task.to_string()},
                                                    {"request", asked.request},
                                                    {"items", std::move(items)},
                                                    {"limit", options_.best}});
}

void AskExternal::run(const storage::ClaimedTask& task) {
  const std::shared_ptr<app::InferenceRun> run = inference_.begin(task);
  auto prepared = prepare(run);
  if (!prepared) {
    log_.error("a stored request cannot be read", prepared.error(),
               {{"task_id", task.lease.task.to_string()}, {"trace_id", telemetry::LoggedTrace(task.trace)}});
    return inference_.fail(*run, "the stored request cannot be read with this domain", std::nullopt);
  }
  const std::shared_ptr<const Asked> asked = *std::move(prepared);
  if (asked->items.empty()) return commit(*asked, {});  // there is nothing to ask about
  const TaskId message = TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
  {
    const Lock lock{mutex_};
    open_.insert_or_assign(task.lease.task, Open{task.lease, message});
  }
  keeper_.keep(task.lease);
  run->spans.enter("answer", clock_.monotonic());
  workers_->ask(message, arguments_of(*asked), telemetry::to_traceparent(run->spans.context()),
                [this, asked](Result<boost::json::value> answer) { answered(*asked, std::move(answer)); });
}

void AskExternal::answered(const Asked& asked, Result<boost::json::value> answer) {
  const storage::Lease lease = asked.task().lease;
  free_slot(lease);
  if (!answer && answer.error().code == ErrorCode::kUnavailable) {
    asked.run->spans.end({"released"}, clock_.monotonic());
    return store_.release(lease, kPeerBackoff);
  }
  if (!answer) return fail(*asked.run, answer.error());
  auto items = read_external_answer(*answer, asked.items, options_.best);
  if (!items) return fail(*asked.run, items.error());
  commit(asked, *std::move(items));
}

void AskExternal::commit(const Asked& asked, std::vector<RankedItem> items) {
  const auto complete = [&](Ranking ranking) {
    ranking.domain_version = options_.domain_version;
    return ranking;
  };
  Ranking ranking;
  ranking.items = std::move(items);
  ranking.policy.kind = PolicyKind::kExternal;
  ranking.seed = asked.task().lease.task.seed();
  ranking.catalog_version = asked.serving->catalog->version();
  std::vector<Ranking> shadows;
  for (const app::ServedModel& shadow : asked.serving->shadows) {
    shadows.push_back(
        complete(ml::rank(*shadow.scorer, *shadow.model, shadow.id, asked.wanted(options_.best))));
  }
  inference_.finish(asked.run, complete(std::move(ranking)), std::move(shadows));
}

// The ledger has the reason; the log has not, for an exception may quote what the person asked with.
void AskExternal::fail(app::InferenceRun& run, const Error& why) {
  log_.warning("an external worker did not rank a task",
               {{"task_id", run.task.lease.task.to_string()},
                {"attempt", std::to_string(run.task.attempt)},
                {"code", name_of(why.code)},
                {"trace_id", telemetry::LoggedTrace(run.task.trace)}});
  inference_.fail(run, why.message, backoff(run.task));
}

// Cancelled, or taken back: whatever the other worker says is of no use.
void AskExternal::lost(const storage::Lease& lease) {
  TaskId message;
  {
    const Lock lock{mutex_};
    const auto open = open_.find(lease.task);
    if (open == open_.end() || open->second.lease.fence != lease.fence) return;
    message = open->second.message;
  }
  workers_->forget(message);
  free_slot(lease);
}

void AskExternal::free_slot(const storage::Lease& lease) {
  keeper_.let_go(lease);
  const Lock lock{mutex_};
  const auto open = open_.find(lease.task);
  if (open == open_.end() || open->second.lease.fence != lease.fence) return;
  open_.erase(open);
  freed_.notify_all();
}

Job ask_external(AskExternal& external) {
  return {TaskKind::kInference, external.slots(), 1,
          [&external](const storage::ClaimedTask& task, const std::stop_token&) { external.run(task); },
          [&external](const std::stop_token& stop) { return external.room(stop); }};
}

}  // namespace rankloop::worker
