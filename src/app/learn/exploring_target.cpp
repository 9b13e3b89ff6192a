// Follows a logged list through the chances of another way of exploring.
#include "app/learn/exploring_target.h"

#include <algorithm>
#include <unordered_map>

#include "domain/keyed_hash.h"

namespace rankloop::app {

void ExploringTarget::find_places(const LoggedList& list, const Ranking& own) {
  std::unordered_map<ItemId, std::uint32_t, KeyedHash> places;
  for (std::uint32_t place = 0; place < own.items.size(); ++place)
    places.emplace(own.items[place].item, place);
  places_.clear();
  for (const ItemId item : list.chances().list) {
    const auto found = places.find(item);
    places_.push_back(found == places.end() ? ml::kNoPlace : found->second);
  }
}

// Of the first position what stands above it is nothing.
void ExploringTarget::place(const LoggedList& list, const ml::Examination& examination) {
  const LoggedChances& logged = list.chances();
  placed_ = logged.placed && logged.list.size() <= 1;
  if (!placed_) return;
  for (ml::LoggedItem& item : items_) {
    item.propensity = logged.propensity.front();
    item.examined = logged.examined.front();
    item.target = item.joint_target;
    item.examined_target = item.joint_target * examination.at(1);
  }
}

void ExploringTarget::fill(const LoggedList& list, InferenceId request, const Outcome& outcome,
                           BoundModel& model, const ml::Examination& examination, ExpectedRewards* rewards) {
  const Ranking own = list.ranked_by(model, std::max(best_, static_cast<int>(list.chances().list.size())));
  find_places(list, own);
  values_.assign(own.items.size(), 0);
  expected_.assign(places_.size(), 0);
  if (rewards != nullptr) rewards->of_items(list, request, own.items, expected_, values_);
  ml::follow(ml::make_slate(own.items, model.model().calibration(), {}, list.boosts_of(own)), terms_, places_,
             values_, followed_);
  items_.assign(places_.size(), {});
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const double drawn = examination.at(static_cast<std::int32_t>(i + 1));
    items_[i].reward = outcome.label_of(list.chances().list[i]);
    items_[i].joint = list.chances().joint[i];
    items_[i].joint_target = followed_.joint[i];
    items_[i].examination = drawn;
    items_[i].predicted = drawn * expected_[i];
    items_[i].predicted_mean = drawn * followed_.mean[i];
  }
  place(list, examination);
}

}  // namespace rankloop::app
