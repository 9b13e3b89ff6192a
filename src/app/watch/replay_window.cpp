// Goes through a window of the ledger and adds up what has changed.
#include "app/watch/replay_window.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "domain/body_reader.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kPortion = 256;  // requests read at a time

struct Asked {
  InferenceId id;
  TaskId task;
  std::vector<ItemId> first;  // of what was shown
};

// The next shown requests after `after`. They are read before they are replayed: a visit of the ledger must
// not read from it.
Result<std::vector<Asked>> next_portion(storage::LearningReads& store, InferenceId after) {
  std::vector<Asked> portion;
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    Asked asked{request.id, request.task, {}};
    for (const RankedItem& item : request.ranking.items) {
      if (asked.first.size() == ListChanges::kTop) break;
      asked.first.push_back(item.item);
    }
    portion.push_back(std::move(asked));
    return portion.size() < kPortion;
  });
  if (!read) return read.error();
  return portion;
}

boost::json::array items_json(
    const std::vector<std::pair<ItemId, std::pair<std::int64_t, std::int64_t>>>& items, ItemNames& names) {
  boost::json::array told;
  for (const auto& [item, shown] : items) {
    boost::json::object entry;
    entry[names.domain().item_id_field] = names.value(item);
    entry["before"] = shown.first;
    entry["now"] = shown.second;
    told.push_back(std::move(entry));
  }
  return told;
}

}  // namespace

const NumberInput& newest_input() {
  static const NumberInput input{.name = "newest",
                                 .help = "The newest shown requests are ranked again, so many at most",
                                 .maximum = 1'000'000,
                                 .preset = 1'000,
                                 .unit = "requests"};
  return input;
}

Result<WindowReplay> read_window_replay(const boost::json::value& body) {
  WindowReplay asked;
  if (body.is_null()) return asked;
  BodyReader reader{body};
  asked.newest = reader.read_if_given(newest_input()).value_or(asked.newest);
  asked.wish = read_replay_wish(reader);
  if (const Status sound = reader.status(); !sound) return sound.error();
  return asked;
}

std::string to_json(const WindowReplay& asked) {
  boost::json::object json;
  json["newest"] = asked.newest;
  if (asked.wish.model) json["model_id"] = asked.wish.model->value;
  if (asked.wish.explore) json["explore"] = *asked.wish.explore;
  if (asked.wish.catalog_version) json["catalog_version"] = *asked.wish.catalog_version;
  return boost::json::serialize(json);
}

WindowReplay window_replay_of(const std::string& text) {
  const boost::json::object json = boost::json::parse(text).as_object();
  WindowReplay asked;
  asked.newest = json.at("newest").to_number<std::int64_t>();
  if (const auto* model = json.if_contains("model_id"))
    asked.wish.model = ModelId{model->to_number<std::int64_t>()};
  if (const auto* explore = json.if_contains("explore")) asked.wish.explore = explore->to_number<double>();
  if (const auto* version = json.if_contains("catalog_version"))
    asked.wish.catalog_version = version->to_number<std::int64_t>();
  return asked;
}

void ListChanges::add(const Replay& replay, const std::vector<ItemId>& before) {
  ++lists_;
  same_ += replay.same ? 1 : 0;
  std::vector<ItemId> now;
  for (const ReplayedItem& item : replay.items) {
    if (now.size() == before.size()) break;
    now.push_back(item.now.item);
  }
  const bool first_is_same = !now.empty() && !before.empty() && now.front() == before.front();
  first_changed_ += first_is_same ? 0 : 1;
  const std::set<ItemId> had(before.begin(), before.end());
  std::size_t kept = 0;
  for (const ItemId item : now) {
    kept += had.count(item);
    ++items_[item].now;
  }
  for (const ItemId item : before) ++items_[item].before;
  const double overlap = before.empty() ? 1 : static_cast<double>(kept) / static_cast<double>(before.size());
  overlap_ += overlap;
  if (overlap == 1 && first_is_same) return;
  const auto less = [](const Changed& a, const Changed& b) { return a.overlap < b.overlap; };
  const Changed changed{replay.task, overlap};
  most_changed_.insert(std::upper_bound(most_changed_.begin(), most_changed_.end(), changed, less), changed);
  if (most_changed_.size() > kTold) most_changed_.pop_back();
}

std::string ListChanges::to_json(ItemNames& names) const {
  std::vector<std::pair<ItemId, std::pair<std::int64_t, std::int64_t>>> moved;
  for (const auto& [item, shown] : items_) {
    if (shown.now != shown.before) moved.push_back({item, {shown.before, shown.now}});
  }
  const auto gain = [](const auto& item) { return item.second.second - item.second.first; };
  const auto told = [&](bool winners) {
    auto items = moved;
    std::erase_if(items, [&](const auto& item) { return (gain(item) > 0) != winners; });
    std::stable_sort(items.begin(), items.end(),
                     [&](const auto& a, const auto& b) { return std::abs(gain(a)) > std::abs(gain(b)); });
    items.resize(std::min(items.size(), kTold));
    return items_json(items, names);
  };
  boost::json::object json;
  json["requests"] = lists_;
  json["same"] = same_;
  json["first_changed"] = first_changed_;
  json["overlap"] =
      lists_ == 0 ? boost::json::value(nullptr) : boost::json::value(overlap_ / static_cast<double>(lists_));
  boost::json::array& left_out = json["left_out"].emplace_array();
  for (const auto& [reason, requests] : left_out_) {
    boost::json::object entry;
    entry["reason"] = reason;
    entry["requests"] = requests;
    left_out.push_back(std::move(entry));
  }
  json["winners"] = told(true);
  json["losers"] = told(false);
  boost::json::array& changed = json["most_changed"].emplace_array();
  for (const Changed& list : most_changed_) {
    boost::json::object entry;
    entry["task_id"] = list.task.to_string();
    entry["overlap"] = list.overlap;
    changed.push_back(std::move(entry));
  }
  return boost::json::serialize(json);
}

void WindowReplays::start(const WindowReplay& asked, std::optional<telemetry::TraceContext> trace,
                          std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
                          storage::Done<storage::TaskRecord> done) {
  const TaskId task = TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
  store_.start_job({task, traits_of(TaskKind::kReplay), to_json(asked), clock_.wall(), std::nullopt, trace},
                   std::move(keep), std::move(done));
}

Result<storage::JobResult> WindowReplays::run(const storage::ClaimedTask& task, Heartbeat& heart) {
  const WindowReplay asked = window_replay_of(task.arguments);
  const std::int64_t last = store_.counts().inferences;
  const std::int64_t first = std::max<std::int64_t>(0, last - asked.newest);
  InferenceId after{first};
  ListChanges changes;
  while (true) {
    const auto portion = next_portion(store_, after);
    if (!portion) return portion.error();
    std::vector<TaskId> tasks;
    for (const Asked& request : *portion) {
      if (request.id.value <= last) tasks.push_back(request.task);
    }
    Status fault;
    const Status done = replays_.replay_all(
        tasks, asked.wish,
        [&](std::size_t at, const Result<Replay>& replay) {
          if (replay)
            changes.add(*replay, (*portion)[at].first);
          else if (replay.error().code == ErrorCode::kFailedPrecondition ||
                   replay.error().code == ErrorCode::kNotFound)
            changes.add_left_out(replay.error().message);
          else
            fault = replay.error();
          return fault.ok();
        },
        heart.stop());
    if (heart.stop().stop_requested()) return Error(ErrorCode::kAborted, "the replay was cancelled");
    if (!done) return done.error();
    if (!fault) return fault.error();
    if (portion->size() < kPortion || portion->back().id.value >= last) break;
    after = portion->back().id;
    const double part = static_cast<double>(after.value - first) / static_cast<double>(last - first);
    heart.tell(R"({"phase":"replay","progress":)" + std::to_string(part) + "}");
  }
  return storage::JobResult{.json = changes.to_json(names_)};
}

}  // namespace rankloop::app
