// Past requests of a window, ranked again one after another: who gets another list, and which items win and
// lose by it. What a task of the kind `replay` does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "app/learn/heartbeat.h"
#include "app/serve/item_names.h"
#include "app/serve/replay.h"
#include "domain/clock.h"
#include "domain/declared_inputs.h"
#include "error/result.h"
#include "storage/store.h"
#include "telemetry/trace.h"

namespace rankloop::app {

struct WindowReplay {
  std::int64_t newest = 1'000;  // shown requests, at most
  ReplayWish wish;
};

const NumberInput& newest_input();

// kInvalidArgument with every fault; null: everything preset.
Result<WindowReplay> read_window_replay(const boost::json::value& body);
std::string to_json(const WindowReplay& asked);          // for the task
WindowReplay window_replay_of(const std::string& json);  // what to_json() wrote

// Of the first ten of each list.
class ListChanges {
 public:
  static constexpr std::size_t kTop = 10;
  static constexpr std::size_t kTold = 20;  // items that win, items that lose, and lists that changed most

  void add(const Replay& replay, const std::vector<ItemId>& before);
  void add_left_out(const std::string& reason) { ++left_out_[reason]; }

  std::int64_t lists() const { return lists_; }
  // {"requests","same","first_changed","overlap","left_out":[{"reason","requests"}],"winners":[{item,
  // "before","now"}],"losers":[...],"most_changed":[{"task_id","overlap"}]}; ids of items as callers name
  // them.
  std::string to_json(ItemNames& names) const;

 private:
  struct Shown {
    std::int64_t before = 0;  // lists whose first ten had it
    std::int64_t now = 0;
  };
  struct Changed {
    TaskId task;
    double overlap = 1;
  };

  std::int64_t lists_ = 0;
  std::int64_t same_ = 0;  // items, scores and propensities
  std::int64_t first_changed_ = 0;
  double overlap_ = 0;
  std::map<ItemId, Shown> items_;
  std::vector<Changed> most_changed_;  // the least overlap first, at most kTold
  std::map<std::string, std::int64_t> left_out_;
};

// Schedules replays of windows and runs them. Thread-safe.
class WindowReplays {
 public:
  WindowReplays(Replays& replays, storage::Store& store, ItemNames& names, const Clock& clock)
      : replays_(replays), store_(store), names_(names), clock_(clock) {}

  // kFailedPrecondition: one is waiting or running.
  void start(const WindowReplay& asked, std::optional<telemetry::TraceContext> trace,
             std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
             storage::Done<storage::TaskRecord> done);

  // What the task answers. Blocks; tells how far it is by heart.tell(). The store's errors; kAborted when a
  // stop was requested.
  Result<storage::JobResult> run(const storage::ClaimedTask& task, Heartbeat& heart);

 private:
  Replays& replays_;
  storage::Store& store_;
  ItemNames& names_;
  const Clock& clock_;
};

}  // namespace rankloop::app
