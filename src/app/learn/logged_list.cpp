// Ranks lists of the ledger again and works out how likely they were.
#include "app/learn/logged_list.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/serve/candidates.h"
#include "domain/enum_names.h"
#include "ml/interleave.h"
#include "ml/wishes.h"

namespace rankloop::app {
namespace {

constexpr std::array<std::string_view, kOfNoUse> kNames = {
    "trained_on", "no_outcome",   "deterministic", "imported",   "external", "first_only",
    "model_gone", "not_replayed", "interleaved",   "unreadable", "wishes"};
constexpr std::array<std::string_view, kOfNoUse> kSentences = {
    "the model has learned from them",
    "nobody said what became of them",
    "they were ranked without chance",
    "another system showed them and did not say how likely their items were",
    "a worker of another program ranked them",
    "how likely their items were is known of the first position alone (ask with positions = 1)",
    "the model that ranked them is no longer there, or cannot be read",
    "they cannot be ranked again as they were",
    "two models drafted them, and what neither places high had no chance",
    "they are stored under a domain that this one cannot read",
    "wishes pinned some of their items, bounded how many of a kind may stand where, or left some out by what "
    "a person had done"};

// Stored chances are float32, and the share of exploration has six digits.
constexpr double kRounding = 5e-6;
// One in so many of the lists that a model ordered is ranked again.
constexpr std::int64_t kCheckedOneIn = 64;

bool has_chances(const storage::ShownRequest& request) {
  const PolicyKind kind = request.ranking.policy.kind;
  return kind == PolicyKind::kUniform || kind == PolicyKind::kEpsilonGreedy;
}

}  // namespace

std::string_view name_of(OfNoUse reason) {
  return name_among(kNames, reason);
}

std::string_view sentence_of(OfNoUse reason) {
  return kSentences.at(static_cast<std::size_t>(reason));
}

std::optional<OfNoUse> LoggedList::take(const storage::ShownRequest& request, const KnownHistory* known,
                                        std::size_t positions, const ml::Examination& examination) {
  request_ = &request;
  order_.clear();
  const Policy& policy = request.ranking.policy;
  const std::size_t length = std::min(positions, request.ranking.items.size());
  if (policy.kind == PolicyKind::kExternal) return OfNoUse::kExternal;
  if (policy.deterministic) {
    return policy.kind == PolicyKind::kImported ? OfNoUse::kImported : OfNoUse::kDeterministic;
  }
  // Interleaved by chance, any item may come first.
  if (const auto drafted = ml::drafted_by(policy); drafted && drafted->way == Interleaving::kTeamDraft)
    return OfNoUse::kInterleaved;
  if (length > 1 && !has_chances(request) && !explores_by_positions(policy.kind)) return OfNoUse::kFirstOnly;
  Result<Record> record = domain_.requests.read(request.payload);
  if (!record) return OfNoUse::kUnreadable;
  record_ = *std::move(record);
  person_ = ml::person_number(request.person);
  if (const auto fault = find_wishes()) return fault;
  if (const auto fault = find_catalog(known)) return fault;
  if (!find_items(length)) return OfNoUse::kNotReplayed;
  chances_.placed = length <= 1 || has_chances(request);
  if (policy.kind == PolicyKind::kUniform) return mixed(1, true, examination);
  if (policy.kind == PolicyKind::kEpsilonGreedy)
    return mixed(policy.epsilon, policy.drew_uniform, examination);
  if (!chances_.placed) return stored_from_top() ? std::nullopt : std::optional{OfNoUse::kNotReplayed};
  stored_first(examination);
  return std::nullopt;
}

// What is blocked is no choice for any way, and a boost stands for each. How likely an item is at a position
// that wishes speak of is more than its own chance.
std::optional<OfNoUse> LoggedList::find_wishes() {
  auto wishes = wishes_then(request_->ranking.policy, domain_, *present_);
  if (!wishes) return OfNoUse::kNotReplayed;
  wishes_ = *std::move(wishes);
  const bool placed = wishes_ != nullptr && (wishes_->place() || wishes_->any(Wish::How::kNotAgain));
  return placed ? std::optional(OfNoUse::kWishes) : std::nullopt;
}

std::vector<double> LoggedList::boosts_of(const Ranking& ranking) const {
  std::vector<double> boosts;
  if (wishes_ == nullptr) return boosts;
  const ml::BoundWishes bound(*wishes_, *catalog_, values(), nullptr);
  for (const RankedItem& item : ranking.items) boosts.push_back(bound.boost(*catalog_->find(item.item)));
  return boosts;
}

std::optional<OfNoUse> LoggedList::find_catalog(const KnownHistory* known) {
  auto of_then = catalogs_.at(request_->ranking.catalog_version, present_);
  if (!of_then) return OfNoUse::kNotReplayed;
  catalog_ = *std::move(of_then);
  own_catalog_ = !request_->candidate_fields.empty();
  if (own_catalog_) {
    storage::NewInference said;
    said.candidates = request_->candidates;
    said.candidates_given = request_->candidates_given;
    said.candidate_fields = request_->candidate_fields;
    auto made = catalog_for(said, catalog_, store_);
    if (!made) return OfNoUse::kNotReplayed;
    catalog_ = *std::move(made);
  }
  with_.reset();
  if (known != nullptr) with_.emplace(ranked_with(*known, record_.values, request_->created, *catalog_));
  ml::find_eligible_rows(*catalog_, asked(1), eligible_);
  return std::nullopt;
}

bool LoggedList::find_items(std::size_t length) {
  chances_.list.clear();
  chances_.rows.clear();
  for (std::size_t i = 0; i < length; ++i) {
    const ItemId item = request_->ranking.items[i].item;
    const auto row = catalog_->find(item);
    if (!row) return false;
    chances_.list.push_back(item);
    chances_.rows.push_back(*row);
  }
  return eligible_.size() >= length;
}

ml::RankRequest LoggedList::asked(int best) const {
  return {.values = values(),
          .person = person_,
          .past = past(),
          .candidates = request_->candidates,
          .candidates_given = request_->candidates_given,
          .best = std::max(1, best),
          .seed = request_->ranking.seed,
          .wishes = wishes_.get()};
}

Ranking LoggedList::ranked_by(BoundModel& model, int best) const {
  Ranking ranking;
  score(model,
        [&](const ml::CatalogScorer& scorer) { ranking = ml::rank(scorer, model.model(), {}, asked(best)); });
  return ranking;
}

void LoggedList::order_by(BoundModel& model, std::vector<ItemId>& order) const {
  const std::size_t best = std::max<std::size_t>(1, chances_.list.size());
  if (wishes_ != nullptr) {
    order.clear();
    for (const RankedItem& item : ranked_by(model, static_cast<int>(best)).items) order.push_back(item.item);
    return;
  }
  score(model, [&](const ml::CatalogScorer& scorer) {
    ml::best_of_rows(scorer, query(), request_->ranking.seed, eligible_, best, order);
  });
}

// Of a mixture of a model's order and a uniform one, or of the second alone.
std::optional<OfNoUse> LoggedList::mixed(double explore, bool drawn, const ml::Examination& examination) {
  const bool ordered = explore < 1;
  if (ordered) {
    const Result<BoundModel*> model = models_.get(request_->ranking.model);
    if (!model) return OfNoUse::kModelGone;
    if (drawn) {
      order_by(**model, order_);
    } else {
      if (request_->id.value % kCheckedOneIn == 0) check_order(**model);
      order_ = chances_.list;
    }
  }
  const ml::ListChances chances{order_, eligible_.size(), explore};
  if (!as_stored(chances)) return OfNoUse::kNotReplayed;
  chances.joint(chances_.list, chances_.joint);
  chances_.propensity.clear();
  chances_.examined.clear();
  for (std::size_t i = 0; i < chances_.list.size(); ++i) {
    chances_.propensity.push_back(chances.at(i, chances_.list[i]));
    chances_.examined.push_back(chances.examined(chances_.list[i], examination, chances_.list.size()));
  }
  return std::nullopt;
}

void LoggedList::stored_first(const ml::Examination& examination) {
  const auto chance = static_cast<double>(request_->ranking.items.front().propensity);
  chances_.propensity.assign(1, chance);
  chances_.joint.assign(1, chance);
  chances_.examined.assign(1, chance * examination.at(1));
}

// False where a chance is too small for the float that it is kept in.
bool LoggedList::stored_from_top() {
  chances_.joint.clear();
  double joint = 1;
  for (std::size_t i = 0; i < chances_.list.size(); ++i) {
    joint *= static_cast<double>(request_->ranking.items[i].propensity);
    chances_.joint.push_back(joint);
  }
  return joint > 0;
}

bool LoggedList::as_stored(const ml::ListChances& chances) {
  chances.given_above(chances_.list, given_above_);
  for (std::size_t i = 0; i < given_above_.size(); ++i) {
    const auto stored = static_cast<double>(request_->ranking.items[i].propensity);
    if (std::abs(given_above_[i] - stored) > kRounding * stored) return false;
  }
  return true;
}

void LoggedList::check_order(BoundModel& model) {
  order_by(model, order_);
  ++checked_;
  differing_ += order_ == chances_.list ? 0 : 1;
}

}  // namespace rankloop::app
