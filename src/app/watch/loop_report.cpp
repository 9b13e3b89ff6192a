// What the loop's arrows say, decided from a snapshot alone.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "app/watch/loop_flow.h"
#include "ml/gate.h"

namespace rankloop::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kCounted = 30;  // requests in the window that rates are counted in
constexpr seconds kShortest{5};       // of that window: the 1,000 newest come in it at 200 a second
constexpr seconds kLongest{60};
constexpr seconds kDay{86'400};
constexpr seconds kLateTask{2};    // a task that waits so long says that the workers do not keep up
constexpr seconds kStuckTask{30};  // and so long, that there may be none
constexpr double kFewShown = 0.5;
constexpr std::size_t kTelling = 50;  // so many lists say something about people

double as_seconds(milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string whole(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string percent(std::size_t part, std::size_t of) {
  return std::to_string(of == 0 ? 0 : (100 * part + of / 2) / of) + " %";
}

std::string in_words(milliseconds duration) {
  const auto whole_seconds = std::chrono::duration_cast<seconds>(duration).count();
  if (whole_seconds < 120) return std::to_string(whole_seconds) + " s";
  return whole_seconds < 7'200 ? std::to_string(whole_seconds / 60) + " min"
                               : std::to_string(whole_seconds / 3'600) + " h";
}

// Durations of one arrow; never negative, for several machines' clocks may differ by a little.
class Lags {
 public:
  void add(milliseconds lag) { lags_.push_back(std::max(lag, milliseconds{0})); }
  void tell(LoopArrow& arrow) {
    if (lags_.empty()) return;
    std::sort(lags_.begin(), lags_.end());
    arrow.lag = as_seconds(lags_[(lags_.size() - 1) / 2]);
    arrow.lag_p95 = as_seconds(lags_[(lags_.size() - 1) * 95 / 100]);
  }

 private:
  std::vector<milliseconds> lags_;
};

const storage::Feedback* outcome_of(const std::vector<storage::Feedback>& feedback) {
  const auto found = std::find_if(feedback.begin(), feedback.end(),
                                  [](const storage::Feedback& one) { return one.evidence; });
  return found == feedback.end() ? nullptr : &*found;
}

// As long as the newest few requests took to come, so that a change is seen soon and a trickle is seen at
// all.
milliseconds window_of(const LoopSnapshot& now) {
  if (now.tasks.size() < kCounted) return kLongest;
  return std::clamp<milliseconds>(now.now - now.tasks[kCounted - 1].created, kShortest, kLongest);
}

// The arrows that requests pass, in the order of a request's life.
class Flow {
 public:
  Flow(const LoopSnapshot& now, milliseconds window) : now_(now), since_(now.now - window), window_(window) {}

  LoopArrow scored() const {
    LoopArrow arrow{
        .from = "requests", .to = "scored", .lag_of = "from the request to its ranking", .says = {}};
    Lags lags;
    std::int64_t ended = 0, failed = 0;
    for (const storage::TaskRecord& task : now_.tasks) {
      failed += task.state == TaskState::kFailed ? 1 : 0;
      if (task.state != TaskState::kSucceeded || !task.finished || task.attempt == 0) continue;
      lags.add(*task.finished - task.created);
      ended += *task.finished >= since_ ? 1 : 0;
    }
    lags.tell(arrow);
    arrow.per_second = rate(ended);
    const milliseconds age = now_.waiting.count > 0 ? now_.now - now_.waiting.oldest : milliseconds{0};
    const std::string wait = whole(now_.waiting.count) + " wait, the first for " + in_words(age);
    if (age > kStuckTask) return with(arrow, Health::kBroken, wait + "; does a worker run?");
    if (failed > 0)
      return with(arrow, Health::kAttention,
                  whole(failed) + " of the newest " + whole(std::ssize(now_.tasks)) + " failed");
    if (age > kLateTask) return with(arrow, Health::kAttention, wait);
    return ended == 0 ? with(arrow, Health::kStill, "nobody asks")
                      : with(arrow, Health::kWell, "the workers keep up");
  }

  LoopArrow shown() const {
    LoopArrow arrow{
        .from = "scored", .to = "shown", .lag_of = "from the ranking to its first reader", .says = {}};
    std::unordered_map<TaskId, WallTime> ready;
    for (const storage::TaskRecord& task : now_.tasks) {
      if (task.state == TaskState::kSucceeded && task.finished && task.attempt > 0)
        ready[task.id] = *task.finished;
    }
    std::int64_t lists = 0;
    std::size_t seen = 0;
    for (const storage::ShownRequest& request : now_.shown) {
      lists += request.created >= since_ ? 1 : 0;
      seen += ready.contains(request.task) ? 1 : 0;
    }
    Lags lags;
    for (const storage::InferenceRecord& request : now_.sample) {
      const auto ended = ready.find(request.task);
      if (ended != ready.end() && !request.exposures.empty())
        lags.add(request.exposures.front().at - ended->second);
    }
    lags.tell(arrow);
    arrow.per_second = rate(lists);
    const std::string share = percent(seen, ready.size()) + " of the newest rankings were looked at";
    if (ready.size() >= kTelling && static_cast<double>(seen) < kFewShown * static_cast<double>(ready.size()))
      return with(arrow, Health::kAttention, "only " + share);
    if (lists == 0) return with(arrow, Health::kStill, "nobody looks");
    return with(arrow, Health::kWell, share);
  }

  LoopArrow picked() const {
    LoopArrow arrow{.from = "shown", .to = "picked", .lag_of = "from the list to a pick or none", .says = {}};
    std::int64_t now = 0;
    std::size_t said = 0;
    for (const storage::ShownRequest& request : now_.shown) {
      const storage::Feedback* outcome = outcome_of(request.feedback);
      if (outcome == nullptr) continue;
      ++said;
      now += outcome->at >= since_ ? 1 : 0;
    }
    Lags lags;
    for (const storage::InferenceRecord& request : now_.sample) {
      const storage::Feedback* outcome = outcome_of(request.feedback);
      if (outcome != nullptr && !request.exposures.empty())
        lags.add(outcome->at - request.exposures.front().at);
    }
    lags.tell(arrow);
    arrow.per_second = rate(now);
    const std::string share = percent(said, now_.shown.size()) + " of the newest lists have an outcome";
    if (now_.shown.size() >= kTelling && said == 0)
      return with(arrow, Health::kAttention, "nobody says what became of the lists");
    return now == 0 ? with(arrow, Health::kStill, "nobody picks") : with(arrow, Health::kWell, share);
  }

  // The new champion answers: the arrow that closes the loop.
  LoopArrow answered() const {
    LoopArrow arrow{
        .from = "promoted", .to = "requests", .lag_of = "since the champion was promoted", .says = {}};
    arrow.per_second = rate(std::count_if(now_.tasks.begin(), now_.tasks.end(), [this](const auto& task) {
      const bool imported = task.state == TaskState::kSucceeded && task.attempt == 0;
      return task.created >= since_ && !imported;
    }));
    const auto champion = std::find_if(now_.models.begin(), now_.models.end(),
                                       [](const auto& model) { return model.champion; });
    if (champion == now_.models.end()) return with(arrow, Health::kStill, "no model answers yet");
    const auto since = std::find_if(now_.history.begin(), now_.history.end(),
                                    [](const auto& event) { return makes_champion(event.what); });
    std::size_t later = 0, own = 0;
    for (const storage::ShownRequest& request : now_.shown) {
      if (since != now_.history.end() && request.created < since->at) continue;
      ++later;
      own += request.ranking.model == champion->id ? 1 : 0;
    }
    if (since != now_.history.end()) arrow.lag = as_seconds(now_.now - since->at);
    if (later >= kTelling && own == 0 && champion->share > 0.1)
      return with(arrow, Health::kBroken, "another model still answers");
    if (arrow.per_second <= 0) return with(arrow, Health::kStill, "it waits for requests");
    return with(arrow, Health::kWell,
                later == 0 ? "it answers" : "it answered " + percent(own, later) + " of the newest lists");
  }

 private:
  static LoopArrow with(LoopArrow arrow, Health health, std::string says) {
    arrow.health = health;
    arrow.says = std::move(says);
    return arrow;
  }
  double rate(std::int64_t events) const { return static_cast<double>(events) / as_seconds(window_); }

  const LoopSnapshot& now_;
  const WallTime since_;
  const milliseconds window_;
};

template <class Rows, class Time>
double a_day(const Rows& rows, WallTime now, const Time& time) {
  const auto recent =
      std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return time(row) >= now - kDay; });
  return static_cast<double>(recent) / as_seconds(kDay);
}

LoopArrow trained(const LoopSnapshot& now) {
  LoopArrow arrow{.from = "picked", .to = "trained", .lag_of = "since the last training began", .says = {}};
  arrow.per_second = a_day(now.trainings, now.now, [](const auto& task) { return task.created; });
  const std::string fresh = whole(now.fresh) + (now.fresh == 1 ? " new outcome" : " new outcomes");
  if (now.trainings.empty()) {
    arrow.says = fresh + ", a training needs " + whole(now.minimum) +
                 (now.gate > now.minimum ? ", a promotion about " + whole(now.gate) : "");
    return arrow;
  }
  const storage::TaskRecord& newest = now.trainings.front();
  arrow.lag = as_seconds(std::max(now.now - newest.created, milliseconds{0}));
  if (!is_terminal(newest.state)) {
    arrow.health = Health::kWell;
    arrow.says = "a training is under way";
  } else if (newest.state == TaskState::kFailed) {
    arrow.health = Health::kBroken;
    arrow.says = "the last training failed";
  } else if (now.fresh >= now.minimum) {
    arrow.health = Health::kAttention;
    arrow.says = fresh + " wait for a training";
  } else {
    arrow.health = Health::kWell;
    arrow.says = fresh + " since the last training";
  }
  return arrow;
}

bool judged(const storage::ModelEvent& event) {
  return event.what == ModelEventKind::kRejected || event.what == ModelEventKind::kInsufficientEvidence ||
         (event.what == ModelEventKind::kPromoted && ml::read_judged(event.detail));
}

LoopArrow gated(const LoopSnapshot& now) {
  LoopArrow arrow{.from = "trained", .to = "gated", .lag_of = "that training and judging take", .says = {}};
  std::vector<storage::ModelEvent> judgements;
  std::copy_if(now.history.begin(), now.history.end(), std::back_inserter(judgements), judged);
  arrow.per_second = a_day(judgements, now.now, [](const auto& event) { return event.at; });
  Lags lags;
  for (const storage::TaskRecord& task : now.trainings) {
    if (task.state == TaskState::kSucceeded && task.started && task.finished)
      lags.add(*task.finished - *task.started);
  }
  lags.tell(arrow);
  arrow.lag_p95.reset();
  if (judgements.empty()) {
    arrow.says = "the gate has judged nothing yet";
    return arrow;
  }
  const storage::ModelEvent& newest = judgements.front();
  const std::string model = "model " + whole(newest.model.value);
  arrow.health = newest.what == ModelEventKind::kPromoted ? Health::kWell : Health::kAttention;
  arrow.says = newest.what == ModelEventKind::kPromoted   ? model + " was let through"
               : newest.what == ModelEventKind::kRejected ? model + " was turned down"
                                                          : model + ": too little evidence";
  return arrow;
}

LoopArrow promoted(const LoopSnapshot& now) {
  LoopArrow arrow{.from = "gated", .to = "promoted", .lag_of = "from the model to its promotion", .says = {}};
  std::vector<storage::ModelEvent> promotions;
  std::copy_if(now.history.begin(), now.history.end(), std::back_inserter(promotions),
               [](const auto& event) { return event.what == ModelEventKind::kPromoted; });
  arrow.per_second = a_day(promotions, now.now, [](const auto& event) { return event.at; });
  const auto champion =
      std::find_if(now.models.begin(), now.models.end(), [](const auto& model) { return model.champion; });
  const auto passed = std::find_if(now.models.rbegin(), now.models.rend(),
                                   [](const auto& model) { return model.verdict == Verdict::kPromote; });
  if (!promotions.empty()) {
    const auto made = std::find_if(now.models.begin(), now.models.end(),
                                   [&](const auto& model) { return model.id == promotions.front().model; });
    if (made != now.models.end())
      arrow.lag = as_seconds(std::max(promotions.front().at - made->created, milliseconds{0}));
  }
  const std::int64_t standing = champion == now.models.end() ? 0 : champion->id.value;
  if (passed != now.models.rend() && passed->id.value > standing) {
    arrow.health = Health::kAttention;
    arrow.says = "model " + whole(passed->id.value) + " passed and waits for somebody";
  } else if (champion == now.models.end()) {
    arrow.says = "nothing was promoted yet";
  } else {
    arrow.health = Health::kWell;
    arrow.says = "no model waits";
  }
  return arrow;
}

}  // namespace

std::string_view name_of(Health health) {
  switch (health) {
    case Health::kWell:
      return "well";
    case Health::kStill:
      return "still";
    case Health::kAttention:
      return "attention";
    case Health::kBroken:
      break;
  }
  return "broken";
}

LoopReport loop_report(const LoopSnapshot& snapshot) {
  const milliseconds window = window_of(snapshot);
  const Flow flow(snapshot, window);
  return {.at = snapshot.now,
          .window_seconds = as_seconds(window),
          .waiting = snapshot.waiting.count,
          .lists = snapshot.lists,
          .new_outcomes = snapshot.fresh,
          .needs = {snapshot.outcomes,
                    snapshot.outcomes > 0 && snapshot.outcomes >= std::max(snapshot.gate, snapshot.minimum),
                    snapshot.minimum, snapshot.gate},
          .arrows = {flow.scored(), flow.shown(), flow.picked(), trained(snapshot), gated(snapshot),
                     promoted(snapshot), flow.answered()}};
}

}  // namespace rankloop::app
