// Puts the chances of both ways beside what was earned.
#include "app/learn/target_items.h"

#include "ml/list_chances.h"

namespace rankloop::app {

void TargetItems::fill(const LoggedList& list, const Outcome& outcome, const std::vector<ItemId>& order,
                       double explore, const ml::Examination& examination) {
  const LoggedChances& logged = list.chances();
  const ml::ListChances target{order, list.eligible(), explore};
  target.joint(logged.list, joint_);
  items_.assign(logged.list.size(), {});
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const ItemId item = logged.list[i];
    items_[i].reward = outcome.label_of(item);
    items_[i].joint = logged.joint[i];
    items_[i].joint_target = joint_[i];
    if (!logged.placed) continue;
    items_[i].propensity = logged.propensity[i];
    items_[i].target = target.at(i, item);
    items_[i].examination = examination.at(static_cast<std::int32_t>(i + 1));
    items_[i].examined = logged.examined[i];
    items_[i].examined_target = target.examined(item, examination, items_.size());
  }
}

}  // namespace rankloop::app
