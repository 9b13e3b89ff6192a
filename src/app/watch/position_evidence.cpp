// Finds the requests that tell, has them ranked anew in portions, and puts places and scores side by side.
#include "app/watch/position_evidence.h"

#include <algorithm>
#include <unordered_set>

#include "app/serve/registered_model.h"
#include "domain/keyed_hash.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kRequests = 20'000;
constexpr int kChanges = 1'000;

// When the registry changed who answers. Before the first of them that is still told nothing is known.
struct Changes {
  std::vector<WallTime> at;
  WallTime known_from = WallTime::min();
};

Result<Changes> changes_of(storage::Registry& store) {
  const auto history = store.model_history(std::nullopt, kChanges);
  if (!history) return history.error();
  Changes changes;
  for (const storage::ModelEvent& event : *history) {
    if (makes_champion(event.what) || event.what == ModelEventKind::kShare) changes.at.push_back(event.at);
  }
  if (history->size() == kChanges) changes.known_from = history->back().at;
  return changes;
}

// In a way that can be repeated: that of a model that draws is its seed's.
bool ordered_by_model(const Policy& policy) {
  return policy.kind == PolicyKind::kGreedy || policy.kind == PolicyKind::kUniform ||
         (policy.kind == PolicyKind::kEpsilonGreedy && !policy.drew_uniform);
}

// 1-based; 0: it is not among them.
std::int32_t place_in(const std::vector<ItemId>& items, ItemId item) {
  const auto at = std::find(items.begin(), items.end(), item);
  return at == items.end() ? 0 : static_cast<std::int32_t>(at - items.begin()) + 1;
}

// The calibration of the model that was asked for last: they are asked model by model.
class Calibrations {
 public:
  Calibrations(const Domain& domain, storage::Registry& store) : domain_(domain), store_(store) {}

  // The preset of a model that cannot be loaded: what it would rank cannot be ranked either.
  Result<ml::Calibration> of(ModelId id) {
    if (known_ == id) return last_;
    const auto model = registered_model(id, domain_, store_);
    if (!model && model.error().code == ErrorCode::kUnavailable) return model.error();
    last_ = model ? (*model)->calibration() : ml::Calibration{};
    known_ = id;
    return last_;
  }

 private:
  const Domain& domain_;
  storage::Registry& store_;
  std::optional<ModelId> known_;
  ml::Calibration last_;
};

}  // namespace

struct PositionEvidence::Answered {
  InferenceId id;
  TaskId task;
  std::uint64_t person = 0;
  WallTime at;
  ModelId model;
  bool at_random = false;
  std::vector<ItemId> shown{};  // the first places
  std::vector<bool> chosen{};   // in step
  std::vector<bool> pinned{};   // likewise: at a place that no model gave it
};

struct PositionEvidence::Window {
  explicit Window(std::vector<WallTime> changes) : shares(std::move(changes)) {}

  void add(const storage::ShownRequest& request, std::span<const FeedbackRule> rules,
           const LearningTarget& target) {
    const Policy& policy = request.ranking.policy;
    const ModelId model = request.ranking.model;
    if (request.source == RequestSource::kImport || model.value == 0) return;
    const bool at_random = policy.kind == PolicyKind::kEpsilonGreedy && policy.drew_uniform;
    if (!at_random && !ordered_by_model(policy)) return;
    if (at_random && !positions_say_nothing(policy)) return;
    shares.count(request.created, model);
    Answered answered{.id = request.id,
                      .task = request.task,
                      .person = request.person.empty()
                                    ? ml::mix_bits(static_cast<std::uint64_t>(request.id.value))
                                    : ml::person_number(request.person),
                      .at = request.created,
                      .model = model,
                      .at_random = at_random};
    const std::vector<ItemId> told = chosen_items(request, kPositions, rules, target);
    const std::unordered_set<ItemId, KeyedHash> chosen(told.begin(), told.end());
    for (const RankedItem& item : request.ranking.items) {
      if (answered.shown.size() == kPositions) break;
      answered.shown.push_back(item.item);
      answered.chosen.push_back(chosen.contains(item.item));
      answered.pinned.push_back(is_pinned(policy, answered.shown.size()));
    }
    requests.push_back(std::move(answered));
  }

  // Who would have to rank a request anew, and how likely each model was to answer it.
  Shares sharing(const Answered& request) const { return shares.at(request.at, request.model); }
  std::vector<ModelId> rankers(const Answered& request) const {
    if (request.at_random) return {request.model};
    std::vector<ModelId> others;
    for (const auto& [model, share] : sharing(request)) {
      if (model != request.model) others.push_back(model);
    }
    return others;
  }

  std::vector<Answered> requests;
  TrafficShares shares;
};

Result<PositionEvidence::Window> PositionEvidence::read_window(const LearningTarget& target,
                                                               const Visit& also) {
  auto changes = changes_of(store_);
  if (!changes) return changes.error();
  Window window(std::move(changes->at));
  const InferenceId after{std::max<std::int64_t>(0, store_.counts().inferences - kRequests)};
  const Status read = store_.each_shown(after, [&](const storage::ShownRequest& request) {
    if (also) also(request);
    if (request.created >= changes->known_from) window.add(request, domain_->feedback, target);
    return true;
  });
  if (!read) return read.error();
  return window;
}

std::vector<std::pair<PositionEvidence::Key, const PositionEvidence::Answered*>> PositionEvidence::missing(
    const Window& window, const RankingBudget& budget, std::size_t& waiting) {
  const std::size_t items = std::max<std::size_t>(1, serving_.current()->catalog->live_items());
  const std::size_t most = std::max<std::size_t>(1, std::min(budget.rankings, budget.rows / items));
  const InferenceId first = window.requests.empty() ? InferenceId{} : window.requests.front().id;
  std::vector<std::pair<Key, const Answered*>> wanted;
  const Lock lock{mutex_};
  std::erase_if(kept_, [&](const auto& kept) { return kept.first.second < first; });
  for (auto request = window.requests.rbegin(); request != window.requests.rend(); ++request) {
    for (const ModelId model : window.rankers(*request)) {
      const Key key{model, request->id};
      if (!kept_.contains(key)) wanted.emplace_back(key, &*request);
    }
  }
  waiting = wanted.size() - std::min(most, wanted.size());
  wanted.resize(wanted.size() - waiting);
  // Model by model, and the catalogs of then in their order: each is made once.
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

Result<std::optional<PositionEvidence::Ranked>> PositionEvidence::ranked(const Answered& request,
                                                                         const Result<Replay>& replay,
                                                                         const ml::Calibration& calibration) {
  if (!replay) {
    const ErrorCode code = replay.error().code;
    if (code == ErrorCode::kUnavailable || code == ErrorCode::kResourceExhausted) return replay.error();
    return std::optional<Ranked>{};
  }
  Ranked ranked;
  if (!request.at_random) {
    for (const ReplayedItem& item : replay->items) {
      if (ranked.items.size() == kPositions) break;
      ranked.items.push_back(item.now.item);
    }
    return std::optional(std::move(ranked));
  }
  if (replay->items.empty()) return std::optional<Ranked>{};
  // What lies beyond the reach of the ranking is as bad as its last one, or worse.
  ranked.scores.assign(request.shown.size(),
                       calibration.apply(static_cast<double>(replay->items.back().now.score)));
  for (const ReplayedItem& item : replay->items) {
    const auto rank = static_cast<std::size_t>(item.before);
    if (rank >= 1 && rank <= ranked.scores.size())
      ranked.scores[rank - 1] = calibration.apply(static_cast<double>(item.now.score));
  }
  return std::optional(std::move(ranked));
}

Status PositionEvidence::rank(std::span<const std::pair<Key, const Answered*>> wanted,
                              const std::stop_token& stop) {
  Calibrations calibrations(*domain_, store_);
  std::vector<std::pair<Key, std::optional<Ranked>>> all;
  for (std::size_t first = 0, last = 0; first < wanted.size(); first = last) {
    const ModelId model = wanted[first].first.first;
    std::vector<TaskId> tasks;
    for (; last < wanted.size() && wanted[last].first.first == model; ++last)
      tasks.push_back(wanted[last].second->task);
    const auto calibration = calibrations.of(model);
    if (!calibration) return calibration.error();
    Status fault;
    const Status replayed = replays_.replay_all(
        tasks, {.model = model, .explore = 0, .catalog_version = {}},
        [&](std::size_t at, const Result<Replay>& replay) {
          const auto& [key, request] = wanted[first + at];
          auto made = ranked(*request, replay, *calibration);
          if (made)
            all.emplace_back(key, *std::move(made));
          else
            fault = made.error();
          return fault.ok();
        },
        stop);
    if (stop.stop_requested()) return {};
    if (!replayed) return replayed;
    if (!fault) return fault;
  }
  // All at once: were half of them seen, it would be the requests of one model more than another's.
  const Lock lock{mutex_};
  for (auto& [key, made] : all) kept_.insert_or_assign(key, std::move(made));
  return {};
}

// The swaps of a request, and nothing where one of the models that shared the traffic cannot rank.
void PositionEvidence::add_swaps(const Answered& request, const Shares& shares,
                                 const std::set<ModelId>& unable, std::vector<ml::Swap>& swaps) const {
  std::vector<std::pair<double, const Ranked*>> others;  // with their shares
  for (const auto& [model, share] : shares) {
    if (unable.contains(model)) return;
    if (model == request.model) continue;
    const auto kept = kept_.find({model, request.id});
    if (kept == kept_.end()) return;
    others.emplace_back(share, &*kept->second);
  }
  for (std::size_t i = 0; i < request.shown.size() && !others.empty(); ++i) {
    if (request.pinned[i]) continue;
    const auto position = static_cast<std::int32_t>(i + 1);
    std::map<std::int32_t, double> chances{{position, shares.at(request.model)}};  // of the item's places
    for (const auto& [share, ranked] : others) {
      const std::int32_t place = place_in(ranked->items, request.shown[i]);
      if (place >= 1 && place <= static_cast<std::int32_t>(request.shown.size())) chances[place] += share;
    }
    for (const auto& [place, chance] : chances) {
      if (place == position) continue;
      swaps.push_back(
          {request.id.value, request.person, position, place, chances.at(position), request.chosen[i]});
    }
  }
}

PositionObservations PositionEvidence::observed(const Window& window) {
  PositionObservations found;
  const Lock lock{mutex_};
  // Requests of the others would be told and this one's not, were it left out of its own turn only.
  std::set<ModelId> unable;
  for (const auto& [key, ranked] : kept_) {
    if (!ranked) unable.insert(key.first);
  }
  for (const Answered& request : window.requests) {
    if (!request.at_random) {
      add_swaps(request, window.sharing(request), unable, found.swaps);
      continue;
    }
    const auto kept = kept_.find({request.model, request.id});
    if (kept == kept_.end() || !kept->second) continue;
    for (std::size_t i = 0; i < request.shown.size(); ++i) {
      if (request.pinned[i]) continue;
      found.at_random.push_back(
          {static_cast<std::int32_t>(i + 1), kept->second->scores[i], request.chosen[i]});
    }
  }
  return found;
}

Result<PositionObservations> PositionEvidence::gather(const LearningTarget& target,
                                                      const RankingBudget& budget,
                                                      const std::stop_token& stop, const Visit& also) {
  const auto window = read_window(target, also);
  if (!window) return window.error();
  std::size_t waiting = 0;
  if (const Status done = rank(missing(*window, budget, waiting), stop); !done) return done.error();
  PositionObservations found = observed(*window);
  found.waiting = waiting;
  return found;
}

}  // namespace rankloop::app
