// A list of the ledger, ranked again: from the items of its time, by the model that ranked it and by any
// other, with how likely the way in which it was ranked shows what where.
//
// A ranking keeps how likely each item was given those above it. How likely an item was at its position
// whatever stands above it follows from the model's order and the number of eligible items: a list that the
// model ordered is that order, and a uniform draw is ranked again. What follows is checked by the numbers
// that were kept; where they differ the list is of no use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "app/learn/bound_models.h"
#include "app/serve/histories.h"
#include "app/serve/list_wishes.h"
#include "app/serve/past_catalogs.h"
#include "domain/domain.h"
#include "domain/schema.h"
#include "ml/list_chances.h"
#include "storage/store.h"

namespace rankloop::app {

// Why a list says nothing of another way of ranking.
enum class OfNoUse {
  kTrainedOn,      // the model that is asked about has learned from it
  kNoOutcome,      // nobody said what became of it
  kDeterministic,  // ranked without chance
  kImported,       // another system's, which did not say how likely its items were
  kExternal,       // a worker of another program ranked it
  kFirstOnly,      // how likely its items were is known of the first position alone
  kModelGone,      // the model that ranked it is no longer in the registry, or cannot be read
  kNotReplayed,    // ranked again it is another list than it was, or the items of its time are not at hand
  kInterleaved,    // a team draft: what neither of two models places high has no chance
  kUnreadable,     // stored under an older domain version that this one cannot read
  kWishes,         // wishes placed items, or left some out by what a person had done
};
inline constexpr std::size_t kOfNoUse = 11;

std::string_view name_of(OfNoUse reason);      // "trained_on", ...
std::string_view sentence_of(OfNoUse reason);  // "the model has learned from them", ...

// How a list was ranked, as far down as it is looked at.
struct LoggedChances {
  std::vector<ItemId> list;         // from the top
  std::vector<std::uint32_t> rows;  // of the items in the catalog of their time
  std::vector<double> joint;        // of each item with all above it
  bool placed = true;               // what follows is known
  std::vector<double> propensity;   // of each item at its position, whatever stands above it
  std::vector<double> examined;     // of each: expected examination over all positions
};

// Reused from list to list. Not thread-safe; blocks where a model is read, or the items that a request says
// something of.
class LoggedList {
 public:
  LoggedList(const Domain& domain, storage::CatalogStore& store, RegistryModels& models,
             std::shared_ptr<const ml::Catalog> present)
      : domain_(domain),
        store_(store),
        models_(models),
        present_(std::move(present)),
        catalogs_(store, kCatalogsKept) {}

  // Takes the next one, to its first `positions`; `request` and what was known to it (null: nothing) must
  // live until the one after it. With a reason, nothing below may be asked of it.
  std::optional<OfNoUse> take(const storage::ShownRequest& request, const KnownHistory* known,
                              std::size_t positions, const ml::Examination& examination);

  ModelId own_model() const { return request_->ranking.model; }
  const LoggedChances& chances() const { return chances_; }
  // What the model that ranked it ranks first, as many as the list has items; empty where that is not known.
  const std::vector<ItemId>& own_order() const { return order_; }
  // What a model ranks first for the request, likewise.
  void order_by(BoundModel& model, std::vector<ItemId>& order) const;
  // The best `best` of it, with their scores.
  Ranking ranked_by(BoundModel& model, int best) const;
  // Of its items, what wishes add to their log-odds; empty: there are no wishes.
  std::vector<double> boosts_of(const Ranking& ranking) const;
  // Items that it could have shown.
  std::size_t eligible() const { return eligible_.size(); }
  const std::vector<std::uint32_t>& eligible_rows() const { return eligible_; }

  ml::Query query() const { return {values(), person_, past()}; }
  ml::Person person() const { return person_; }
  const ml::Catalog& catalog() const { return *catalog_; }
  // Runs `use` with the model's scorer on that catalog.
  template <class Use>
  void score(BoundModel& model, const Use& use) const {
    if (own_catalog_) return use(*model.once_on(catalog_));
    use(model.on(catalog_));
  }

  // Lists that a model ordered and that were ranked again to see whether they come out the same.
  std::int64_t checked() const { return checked_; }
  std::int64_t differing() const { return differing_; }

 private:
  static constexpr std::size_t kCatalogsKept = 8;  // lists do not come quite in the order of their catalogs

  std::optional<OfNoUse> find_wishes();
  std::optional<OfNoUse> find_catalog(const KnownHistory* known);
  const Values& values() const { return with_ ? with_->values : record_.values; }
  const ml::Past* past() const { return with_ ? &with_->past : nullptr; }
  bool find_items(std::size_t length);
  std::optional<OfNoUse> mixed(double explore, bool drawn, const ml::Examination& examination);
  void stored_first(const ml::Examination& examination);
  bool stored_from_top();
  bool as_stored(const ml::ListChances& chances);
  void check_order(BoundModel& model);
  ml::RankRequest asked(int best) const;

  const Domain& domain_;
  storage::CatalogStore& store_;
  RegistryModels& models_;
  const std::shared_ptr<const ml::Catalog> present_;
  PastCatalogs catalogs_;

  // Of the present list.
  const storage::ShownRequest* request_ = nullptr;
  Record record_;
  ml::Person person_ = 0;
  HeldWishes wishes_;  // null: there were none
  std::shared_ptr<const ml::Catalog> catalog_;
  bool own_catalog_ = false;        // made for this request
  std::optional<RankedWith> with_;  // where something was known
  std::vector<std::uint32_t> eligible_;
  std::vector<ItemId> order_;
  std::vector<double> given_above_;
  LoggedChances chances_;

  std::int64_t checked_ = 0;
  std::int64_t differing_ = 0;
};

}  // namespace rankloop::app
