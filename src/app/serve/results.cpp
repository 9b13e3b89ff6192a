// Results and choices, from memory or from the disk.
#include "app/serve/results.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "app/serve/results_json.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kUsualBytes = 480;  // of one result as JSON

ResultRow chosen_row(const EndedInference& ended, int rank, const storage::Exposure& exposure) {
  const RankedItem& ranked = ended.ranking.items[static_cast<std::size_t>(rank) - 1];
  ResultRow row = ranked_row(ended.inference, ended.task, ended.user, ranked, rank);
  row.label = true;
  row.position = rank;
  row.shown_at = exposure.at;
  return row;
}

// The same answer, of a write that tells by which exposure the item was shown.
template <class Tell>
std::optional<storage::RecordedAnswer<storage::Exposure>> told_by_exposure(
    std::optional<storage::RecordedAnswer<Chosen>> keep, const Tell& tell) {
  if (!keep) return std::nullopt;
  return storage::RecordedAnswer<storage::Exposure>{
      std::move(keep->key), std::move(keep->fingerprint),
      [answer = std::move(keep->answer), tell](const Result<storage::Exposure>& outcome) {
        return outcome ? answer(Chosen{tell(*outcome)}) : answer(outcome.error());
      }};
}

}  // namespace

Error Results::not_found() const {
  return {ErrorCode::kNotFound, "Result not found: invalid task_id or " + domain_.item_id_field};
}

template <class Next>
void Results::with_ended(const TaskId& task, BlockingPool& pool, Next next) {
  if (Ended ended = inference_.recent(task)) return next(Result<Ended>(std::move(ended)));
  if (const auto known = inference_.known_status(task); known && !is_terminal(known->state)) {
    return next(Result<Ended>(not_ready(nullptr, known->state)));
  }
  run_on<Ended>(pool, [this, task] { return inference_.load(task); }, std::move(next));
}

void Results::read(const TaskId& task, Look look, BlockingPool& pool, storage::Done<std::string> done) {
  with_ended(task, pool, [this, look, &pool, done = std::move(done)](const Result<Ended>& found) {
    if (!found) return done(found.error());
    const Ended& ended = *found;
    if (ended->state != TaskState::kSucceeded) return done(not_ready(ended.get(), ended->state));
    const Ranking& ranking = ended->ranking;
    std::vector<ItemId> ids(std::min(static_cast<std::size_t>(look.limit), ranking.items.size()));
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = ranking.items[i].item;
    const std::int64_t version = ranking.catalog_version;
    if (const auto known = payloads_.known(*serving_.current()->catalog, ids, version)) {
      return answer(ended, look, *known, done);
    }
    run_on<std::vector<Payload>>(
        pool, [this, ids, version] { return payloads_.load(ids, version); },
        [this, ended, look, done](const Result<std::vector<Payload>>& loaded) {
          loaded ? answer(ended, look, *loaded, done) : done(loaded.error());
        });
  });
}

// The text is made before the results are marked as shown: `done` of a write must be short.
void Results::answer(const Ended& ended, Look look, std::span<const Payload> payloads,
                     storage::Done<std::string> done) {
  std::string json;
  json.reserve(payloads.size() * kUsualBytes + 2);
  JsonWriter writer{json};
  write_results(writer, serving_.item_names(), ended->ranking, payloads);
  if (!look.shown) return done(std::move(json));
  inference_.show(ended, look.limit, *look.shown,
                  [json = std::move(json), done = std::move(done)](const Result<int>& shown) mutable {
                    shown ? done(std::move(json)) : done(shown.error());
                  });
}

void Results::choose(const std::optional<TaskId>& task, const Choice& choice,
                     std::optional<storage::RecordedAnswer<Chosen>> keep, BlockingPool& pool,
                     storage::Done<Chosen> done) {
  if (!task) return done(not_found());
  const ItemName* item = std::get_if<ItemName>(&choice);
  if (item == nullptr) return choose_none(*task, std::move(keep), pool, std::move(done));
  with_ended(*task, pool,
             [this, item = *item, keep = std::move(keep), &pool, done](const Result<Ended>& ended) {
               if (ended) return choose_named(*ended, item, keep, pool, done);
               done(ended.error().code == ErrorCode::kNotFound ? not_found() : ended.error());
             });
}

// Another process may have ranked an item whose key memory does not know yet.
void Results::choose_named(const Ended& ended, const ItemName& item,
                           std::optional<storage::RecordedAnswer<Chosen>> keep, BlockingPool& pool,
                           storage::Done<Chosen> done) {
  ItemNames& names = serving_.item_names();
  if (const auto known = names.keys().find(item))
    return choose_one(ended, *known, std::move(keep), std::move(done));
  run_on<ItemId>(
      pool, [&names, item] { return names.find(item); },
      [this, ended, keep = std::move(keep), done = std::move(done)](const Result<ItemId>& found) {
        if (found) return choose_one(ended, *found, keep, done);
        done(found.error().code == ErrorCode::kNotFound ? not_found() : found.error());
      });
}

void Results::choose_one(const Ended& ended, ItemId item, std::optional<storage::RecordedAnswer<Chosen>> keep,
                         storage::Done<Chosen> done) {
  if (ended->state != TaskState::kSucceeded) return done(not_ready(ended.get(), ended->state));
  const int rank = rank_in(ended->ranking, item);
  if (rank == 0) return done(not_found());
  const auto row = [ended, rank](const storage::Exposure& exposure) {
    return std::optional(chosen_row(*ended, rank, exposure));
  };
  inference_.pick(ended, rank, told_by_exposure(std::move(keep), row),
                  [row, done = std::move(done)](const Result<Picked>& picked) {
                    picked ? done(Chosen{row(picked->exposure)}) : done(picked.error());
                  });
}

void Results::choose_none(const TaskId& task, std::optional<storage::RecordedAnswer<Chosen>> keep,
                          BlockingPool& pool, storage::Done<Chosen> done) {
  const auto record = [this, task, keep = std::move(keep),
                       done = std::move(done)](const Result<InferenceId>& inference) {
    if (!inference) {
      return done(inference.error().code == ErrorCode::kNotFound ? not_found() : inference.error());
    }
    const auto nothing = [](const storage::Exposure&) { return std::optional<ResultRow>(); };
    inference_.pick_none(task, *inference, told_by_exposure(keep, nothing),
                         [done](const Result<storage::Exposure>& outcome) {
                           outcome ? done(Chosen{}) : done(outcome.error());
                         });
  };
  if (const Ended ended = inference_.recent(task)) return record(ended->inference);
  run_on<InferenceId>(pool, [this, task] { return inference_.number_of(task); }, record);
}

}  // namespace rankloop::app
