// What has happened, as far as this process has followed the ledger, for those who rank.
//
// One thread reads the ledger's tail and folds it. What is of a person is folded when that person first asks,
// from the events of that person alone, followed from then on, and forgotten when memory is short: nothing is
// kept but counters. Now and then, and at the end, what is not of people is written to a file, from which the
// next start goes on. While a ranking looks, nothing new is folded, so all that it sees is of one position.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "app/serve/happenings.h"
#include "app/serve/history_snapshot.h"
#include "app/serve/serving.h"
#include "domain/domain.h"
#include "ml/history/history_fold.h"
#include "queue/queue.h"
#include "storage/store.h"
#include "sync/mutex.h"
#include "telemetry/log.h"

namespace rankloop::app {

// What a ranking may look at. Lives as long as it is looked at.
struct KnownHistory {
  const ml::HistoryPlan& plan;
  const ml::HistoryFold& fold;
  const ml::PersonHistory* person;  // null: nobody said who asks
  std::int64_t position;            // of the ledger, up to which this is
};

// What a request is ranked with: its own values and those that histories say of who asks.
struct RankedWith {
  Values values;
  ml::KnownPast past;
};
RankedWith ranked_with(const KnownHistory& known, const ValuesView& request, WallTime at,
                       const ml::Catalog& catalog);

// What was known of the items of a ranking and of who asked, bit by bit: of its best `kHashed`.
inline constexpr std::size_t kHashed = 64;
using ItemOf = std::function<ml::KnownItem(ItemId)>;
std::uint64_t hash_of_known(const ml::HistoryPlan& plan, const RankedWith& with,
                            std::span<const RankedItem> items, const ItemOf& item_of);
// An item of a catalog; of one that it has not, nothing is known.
ItemOf items_in(const ml::HistoryPlan& plan, const ml::Catalog& catalog);

// Thread-safe.
class Histories {
 public:
  Histories(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
            Serving& serving, telemetry::Logger& log, std::size_t person_memory, std::string snapshot_file);
  ~Histories();

  // Folds what the ledger has, from where the snapshot ends if there is one, then follows it. Where the
  // domain has no histories nothing is done, ever.
  Status start(const std::stop_token& stop = {});
  void stop() { thread_.request_stop(); }
  bool any() const { return !plan_.empty(); }
  const ml::HistoryPlan& plan() const { return plan_; }

  // Calls `look` with what is known of this person and of everything. Blocks where the person has not asked
  // for long; kUnavailable: the store.
  Status look(const PersonKey& person, const std::function<void(const KnownHistory&)>& look);

  // Who asks next is read from the store again: somebody's events are gone.
  void forget_people();

  std::int64_t position() const;
  // Positions of the ledger that are known to be there and not folded yet.
  std::int64_t behind() const;

 private:
  struct Person {
    explicit Person(const ml::HistoryPlan& plan) : history(plan) {}
    ml::PersonHistory history;
    std::atomic<std::uint32_t> asked{0};  // when last, in sweeps
    const Monotonic read = std::chrono::steady_clock::now();
  };
  // Somebody whose past is being read: what is folded meanwhile is kept for it.
  struct Joining {
    ml::Person person = 0;
    std::vector<std::pair<ml::HistoryEvent, ml::ItemWords>> since;
  };

  using People = std::unordered_map<ml::Person, std::unique_ptr<Person>, KeyedHash>;

  Status restore();
  Status follow(const std::stop_token& stop);
  Result<std::size_t> fold_portion();
  void fold(const storage::Happening& happening) REQUIRES(mutex_);
  Status join(const PersonKey& key, ml::Person person);
  Status read_past(const PersonKey& key, std::int64_t up_to, ml::PersonHistory& history);
  void keep(std::int64_t apart);
  std::size_t fold_bytes() const;
  bool is_fresh(const Person& person) const;
  void forget() REQUIRES(mutex_);
  std::shared_ptr<const ml::Catalog> catalog_at(std::int64_t version);

  const std::shared_ptr<const Domain> domain_;
  const ml::HistoryPlan plan_;
  storage::Store& store_;
  Serving& serving_;
  telemetry::Logger& log_;
  const std::size_t person_memory_;
  const std::string snapshot_file_;  // empty: nothing is kept
  // The following thread's.
  ItemWordsOfThen words_;
  HistorySnapshot folded_;  // what was folded last
  std::int64_t kept_ = 0;   // the position of the file's state

  // Whoever wants either lock of `mutex_` passes here first, and who folds waits here for the readers to end:
  // rankings that overlap all the time would keep a shared mutex from it for ever.
  Mutex turn_;
  mutable SharedMutex mutex_;
  ml::HistoryFold fold_ GUARDED_BY(mutex_);
  std::int64_t position_ GUARDED_BY(mutex_) = 0;
  People people_ GUARDED_BY(mutex_);
  std::list<Joining> joining_ GUARDED_BY(mutex_);
  std::size_t people_bytes_ GUARDED_BY(mutex_) = 0;  // about
  std::atomic<std::uint32_t> sweep_{1};

  Mutex waiting_;
  StoppableCondition moved_;
  bool wanted_ GUARDED_BY(waiting_) = false;

  std::unique_ptr<queue::Subscription> subscription_;
  std::jthread thread_;
};

}  // namespace rankloop::app
