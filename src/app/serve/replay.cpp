// Finds what a ranking was made of, makes it anew, and compares the two.
#include "app/serve/replay.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/serve/candidates.h"
#include "app/serve/inference.h"
#include "app/serve/registered_model.h"
#include "domain/keyed_hash.h"
#include "ml/rank.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kNow = "now";

bool same_bits(const RankedItem& a, const RankedItem& b) {
  return a.item == b.item && std::bit_cast<std::uint32_t>(a.score) == std::bit_cast<std::uint32_t>(b.score) &&
         std::bit_cast<std::uint32_t>(a.propensity) == std::bit_cast<std::uint32_t>(b.propensity);
}

// 1-based; 0: none as far as both reach.
int first_difference(const std::vector<RankedItem>& before, const std::vector<RankedItem>& now) {
  const std::size_t reach = std::min(before.size(), now.size());
  for (std::size_t i = 0; i < reach; ++i) {
    if (!same_bits(before[i], now[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

Status can_be_replayed(const storage::InferenceRecord& record) {
  if (record.state != TaskState::kSucceeded) return not_ready(nullptr, record.state);
  switch (record.ranking.policy.kind) {
    case PolicyKind::kGreedy:
    case PolicyKind::kUniform:
    case PolicyKind::kEpsilonGreedy:
    case PolicyKind::kEpsilonPositions:
    case PolicyKind::kSoftmax:
    case PolicyKind::kThompson:
    case PolicyKind::kSquareCb:
    case PolicyKind::kInterleaved:
      return {};
    default:
      return Error(ErrorCode::kFailedPrecondition,
                   "The policy " + to_text(record.ranking.policy).name +
                       " made this ranking: it was not made here, so it cannot be made again");
  }
}

}  // namespace

const ReplayInputs& replay_inputs() {
  static const ReplayInputs inputs{
      .model_id = {.name = "model_id", .help = "Rank with this model; 0: in random order", .minimum = 0},
      .explore = {.name = "explore",
                  .help = "The chance of a random order, instead of what it was",
                  .maximum = 1,
                  .example = 0.05,
                  .unit = "share"},
      .catalog = {.name = "catalog",
                  .help = "Rank the catalog as it was or as it is",
                  .words = {"then", kNow},
                  .preset = "then"},
      .catalog_version = {
          .name = "catalog_version", .help = "Rank this version of the catalog", .minimum = 0}};
  return inputs;
}

ReplayWish read_replay_wish(BodyReader& body) {
  const ReplayInputs& inputs = replay_inputs();
  ReplayWish wish;
  if (const auto model = body.read_if_given(inputs.model_id)) wish.model = ModelId{*model};
  wish.explore = body.read_if_given(inputs.explore);
  wish.catalog_version = body.read_if_given(inputs.catalog_version);
  const auto catalog = body.read_if_given(inputs.catalog);
  if (catalog == kNow && wish.catalog_version) {
    body.fault({std::string{inputs.catalog.name}},
               "catalog is 'now', and catalog_version names a version; allowed is one of both",
               "value_error");
  }
  if (catalog == kNow) wish.catalog_version = storage::CatalogStore::kCurrentVersion;
  return wish;
}

Result<std::shared_ptr<const ml::Catalog>> Replays::catalog_at(std::int64_t version) {
  const auto present = serving_.current()->catalog;
  const Lock lock{catalogs_};
  return past_.at(version, present);
}

Result<std::shared_ptr<const ml::Model>> Replays::model(ModelId id) {
  {
    const Lock lock{mutex_};
    if (model_.second && model_.first == id) return model_.second;
  }
  auto loaded = registered_model(id, *domain_, store_);
  if (!loaded) return loaded.error();
  const Lock lock{mutex_};
  model_ = {id, *loaded};
  return *loaded;
}

std::shared_ptr<const ml::CatalogScorer> Replays::scorer(const std::shared_ptr<const ml::Catalog>& catalog,
                                                         const ml::Model& model, ModelId id) {
  {
    const Lock lock{mutex_};
    if (scorer_.second && scorer_.first == id && &scorer_.second->catalog() == catalog.get())
      return scorer_.second;
  }
  auto bound = model.bind(catalog, nullptr, 0);
  const Lock lock{mutex_};
  scorer_ = {id, bound};
  return bound;
}

Result<Replays::Past> Replays::past(const TaskId& task) {
  auto record = store_.inference(task);
  if (!record) {
    return record.error().code == ErrorCode::kNotFound ? Error(ErrorCode::kNotFound, "Task not found")
                                                       : record.error();
  }
  if (const Status can = can_be_replayed(*record); !can) return can.error();
  const auto user = store_.user(record->user);
  if (!user) return user.error();
  auto values = domain_->requests.read(user->payload);
  if (!values) return values.error();
  auto wishes = wishes_then(record->ranking.policy, *domain_, *serving_.current()->catalog);
  if (!wishes) return wishes.error();
  return Past{*std::move(record), ml::person_number(user->person), std::move(values->values),
              *std::move(wishes), nullptr};
}

Result<Ranking> Replays::rank_again(const Past& past, const ml::Model& model, ModelId id,
                                    const ReplayWish& wish) {
  const Ranking& before = past.record.ranking;
  const auto catalog = catalog_at(wish.catalog_version.value_or(before.catalog_version));
  if (!catalog) return catalog.error();
  storage::NewInference request;
  request.candidates_given = past.record.candidates.has_value();
  request.candidates = past.record.candidates.value_or(std::vector<ItemId>{});
  request.candidate_fields = past.record.candidate_fields;
  const auto from = catalog_for(request, *catalog, store_);
  if (!from) return from.error();
  const ml::Exploration terms =
      wish.explore ? ml::Exploration{.share = *wish.explore} : ml::exploration_of(before.policy);
  ServedModel ranking{
      .id = id, .model = {std::shared_ptr<void>{}, &model}, .scorer = scorer(*from, model, id)};
  // How likely an item is in a merged list may depend on all that are ranked: neither more nor fewer.
  const auto ranked = static_cast<int>(before.items.size());
  const int best = std::max(1, together(past, wish) ? ranked : std::max(best_, ranked));
  if (ml::way_of(terms.policy).needs_posterior) bind_draws(ranking, *from, ml::kPosteriorDraws);
  std::optional<RankedWith> with;
  if (past.known != nullptr) with.emplace(ranked_with(*past.known, past.values, past.record.created, **from));
  return rank_from(*from, ranking,
                   {.values = with ? ValuesView(with->values) : ValuesView(past.values),
                    .person = past.person,
                    .past = with ? &with->past : nullptr,
                    .candidates = request.candidates,
                    .candidates_given = request.candidates_given,
                    .best = best,
                    .seed = before.seed,
                    .explore = &terms,
                    .wishes = past.wishes.get()});
}

std::optional<ml::Drafted> Replays::together(const Past& past, const ReplayWish& wish) {
  if (wish.model || wish.explore) return std::nullopt;
  return ml::drafted_by(past.record.ranking.policy);
}

Result<std::shared_ptr<const ml::Model>> Replays::model_of_then(ModelId id, const ReplayWish& wish) {
  auto found = model(id);
  if (found || found.error().code != ErrorCode::kNotFound || wish.model) return found;
  return Error(ErrorCode::kFailedPrecondition, "Model " + std::to_string(id.value) +
                                                   " made this ranking and was removed since; name another "
                                                   "one (model_id)");
}

Result<Ranking> Replays::merge_again(const Past& past, const Ranking& first, const ml::Drafted& drafted,
                                     const ReplayWish& wish) {
  const auto other = model_of_then(drafted.second, wish);
  if (!other) return other.error();
  const auto second = rank_again(past, **other, drafted.second, wish);
  if (!second) return second;
  return ml::interleave(first, *second, drafted.way);
}

Result<Replay> Replays::replay(const TaskId& task, const ReplayWish& wish) {
  std::optional<Result<Replay>> replayed;
  const Status looked = replay_all({&task, 1}, wish,
                                   [&](std::size_t, const Result<Replay>& replay) {
                                     replayed.emplace(replay);
                                     return true;
                                   },
                                   {});
  return looked ? *std::move(replayed) : Result<Replay>(looked.error());
}

Status Replays::replay_all(std::span<const TaskId> tasks, const ReplayWish& wish, const Take& take,
                           const std::stop_token& stop) {
  std::vector<Past> pasts;
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    if (stop.stop_requested()) return {};
    auto then = past(tasks[at]);
    const bool look_back =
        then && then->record.ranking.known &&
        (!plan_.empty() || (then->wishes != nullptr && then->wishes->any(Wish::How::kNotAgain)));
    if (!look_back) {
      if (!take(at, then ? replay(*then, wish) : Result<Replay>(then.error()))) return {};
      continue;
    }
    pasts.push_back(*std::move(then));
    places.push_back(at);
  }
  return pasts.empty() ? Status{} : replay_walking(pasts, places, wish, take, stop);
}

// Counts also what wishes of then asked for and the domain does not count any more.
Status Replays::replay_walking(std::vector<Past>& pasts, std::span<const std::size_t> places,
                               const ReplayWish& wish, const Take& take, const std::stop_token& stop) {
  std::vector<HistoryStop> stops;
  std::vector<Wish> uncounted;
  for (const Past& past : pasts) {
    stops.push_back(past.stop());
    if (past.wishes == nullptr) continue;
    for (const Wish& each : past.wishes->wishes) {
      if (!plan_.counts(each)) uncounted.push_back(each);
    }
  }
  const ml::HistoryPlan plan(*domain_, uncounted);
  bool more = true;
  const Status walked = walk_history(
      plan, store_, stops,
      [&](std::size_t at, const KnownHistory& known) -> Status {
        pasts[at].known = &known;
        more = more && take(places[at], replay(pasts[at], wish));
        return more ? Status{} : Status{Error(ErrorCode::kAborted, "enough was seen")};
      },
      stop);
  return more ? walked : Status{};
}

Result<Replay> Replays::replay(const Past& past, const ReplayWish& wish) {
  const Past* const then = &past;
  const TaskId& task = past.record.task;
  const Ranking& before = then->record.ranking;
  const ModelId id = wish.model.value_or(before.model);
  const auto ranked_by = model_of_then(id, wish);
  if (!ranked_by) return ranked_by.error();
  auto now = rank_again(*then, **ranked_by, id, wish);
  const auto drafted = together(*then, wish);
  if (now && drafted) now = merge_again(*then, *now, *drafted, wish);
  if (!now) return now.error();

  Replay replay{.task = task,
                .model = id,
                .family = std::string{(*ranked_by)->family()},
                .catalog_version = now->catalog_version};
  if (drafted) replay.second = drafted->second;
  if (before.domain_version != domain_version_) {
    replay.remarks.push_back("The domain has changed since: it was ranked by version " +
                             std::to_string(before.domain_version) + ", and now there is " +
                             std::to_string(domain_version_) + ".");
  }
  replay.as_it_was = wish.changes_nothing() && replay.remarks.empty();
  replay.first_difference = first_difference(before.items, now->items);
  replay.same = replay.first_difference == 0 && before.items.size() <= now->items.size() &&
                (!drafted || before.placed == now->placed);
  std::unordered_map<ItemId, int, KeyedHash> ranks;
  for (const RankedItem& item : before.items) ranks.emplace(item.item, static_cast<int>(ranks.size()) + 1);
  for (const RankedItem& item : now->items) {
    const auto stood = ranks.find(item.item);
    replay.items.push_back({item, stood == ranks.end() ? 0 : stood->second});
  }
  return replay;
}

std::string to_json(const Replay& replay, ItemNames& names, std::size_t limit) {
  boost::json::object json;
  json["task_id"] = replay.task.to_string();
  json["model_id"] =
      replay.model.value == 0 ? boost::json::value(nullptr) : boost::json::value(replay.model.value);
  json["second_model_id"] =
      replay.second ? boost::json::value(replay.second->value) : boost::json::value(nullptr);
  json["family"] = replay.family;
  json["catalog_version"] = replay.catalog_version;
  json["as_it_was"] = replay.as_it_was;
  json["same"] = replay.same;
  json["first_difference"] = replay.first_difference == 0 ? boost::json::value(nullptr)
                                                          : boost::json::value(replay.first_difference);
  boost::json::array items;
  for (const ReplayedItem& item : replay.items) {
    if (items.size() == limit) break;
    boost::json::object entry;
    entry[names.domain().item_id_field] = names.value(item.now.item);
    entry["score"] = static_cast<double>(item.now.score);
    entry["propensity"] = static_cast<double>(item.now.propensity);
    entry["before"] = item.before == 0 ? boost::json::value(nullptr) : boost::json::value(item.before);
    items.push_back(std::move(entry));
  }
  json["items"] = std::move(items);
  json["remarks"] = boost::json::array(replay.remarks.begin(), replay.remarks.end());
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
