// Folds the ledger from its beginning, portion by portion.
#include "app/serve/history_walk.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "domain/keyed_hash.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kPortion = 10'000;

class Walk {
 public:
  Walk(const ml::HistoryPlan& plan, storage::LearningReads& store, std::span<const HistoryStop> stops)
      : plan_(plan), store_(store), stops_(stops), words_(plan, store), fold_(plan), order_(stops.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, {}, [&](std::size_t at) { return stops_[at].known; });
    for (const HistoryStop& each : stops) {
      if (each.person != 0) people_.try_emplace(each.person, plan);
    }
  }

  Status run(const std::function<Status(std::size_t, const KnownHistory&)>& visit,
             const std::stop_token& stop) {
    while (next_ < order_.size()) {
      if (stop.stop_requested())
        return Error(ErrorCode::kAborted, "looking back at what happened was stopped");
      const auto portion = read_portion();
      if (!portion) return portion.error();
      for (const storage::Happening& happening : *portion) {
        if (const Status visited = visit_before(happening.position, visit); !visited) return visited;
        fold(happening);
      }
      if (portion->empty()) return visit_before(INT64_MAX, visit);
    }
    return {};
  }

 private:
  Result<std::vector<storage::Happening>> read_portion() {
    std::vector<storage::Happening> portion;
    const Status read =
        store_.each_happening(position_, requests_for(plan_), [&](const storage::Happening& happening) {
          if (portion.size() >= kPortion && happening.position != portion.back().position) return false;
          portion.push_back(happening);
          return true;
        });
    if (!read) return read.error();
    if (const Status learned = words_.learn(portion, nullptr); !learned) return learned.error();
    return portion;
  }

  void fold(const storage::Happening& happening) {
    const auto known = people_.find(ml::person_number(happening.person));
    for (const ml::HistoryEvent& event : events_of(plan_, happening, words_)) {
      fold_.add(event);
      if (known != people_.end()) known->second.add(event);
    }
    position_ = happening.position;
  }

  // Those that knew less than this position.
  Status visit_before(std::int64_t position,
                      const std::function<Status(std::size_t, const KnownHistory&)>& visit) {
    for (; next_ < order_.size() && stops_[order_[next_]].known < position; ++next_) {
      const std::size_t at = order_[next_];
      const auto person = people_.find(stops_[at].person);
      const ml::PersonHistory* const known = person == people_.end() ? nullptr : &person->second;
      if (const Status visited = visit(at, {plan_, fold_, known, stops_[at].known}); !visited) return visited;
    }
    return {};
  }

  const ml::HistoryPlan& plan_;
  storage::LearningReads& store_;
  const std::span<const HistoryStop> stops_;
  ItemWordsOfThen words_;
  ml::HistoryFold fold_;
  std::unordered_map<ml::Person, ml::PersonHistory, KeyedHash> people_;
  std::vector<std::size_t> order_;  // of the stops, by what they knew
  std::size_t next_ = 0;            // of these
  std::int64_t position_ = 0;
};

}  // namespace

Status walk_history(const ml::HistoryPlan& plan, storage::LearningReads& store,
                    std::span<const HistoryStop> stops,
                    const std::function<Status(std::size_t, const KnownHistory&)>& visit,
                    const std::stop_token& stop) {
  return Walk(plan, store, stops).run(visit, stop);
}

Status look_back(const ml::HistoryPlan& plan, storage::LearningReads& store, const HistoryStop& stop,
                 const std::function<Status(const KnownHistory&)>& look) {
  return walk_history(plan, store, std::span(&stop, 1),
                      [&](std::size_t, const KnownHistory& known) { return look(known); }, {});
}

}  // namespace rankloop::app
