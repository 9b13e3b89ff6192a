#include "storage/imported_request.h"

#include "storage/packed_ranking.h"

namespace rankloop::storage {
namespace {

bool was_shown(const ImportedRequest& request, const Feedback& feedback) {
  if (!feedback.item) return feedback.rank == 0;
  const auto rank = static_cast<std::size_t>(feedback.rank);
  return rank >= 1 && rank <= request.shown.size() && request.shown[rank - 1] == *feedback.item;
}

Status check(const ImportedRequest& request) {
  if (request.shown.size() > static_cast<std::size_t>(kMaxRank)) {
    return Error{ErrorCode::kInvalidArgument, "Request " + request.task.to_string() + " shows " +
                                                  std::to_string(request.shown.size()) +
                                                  " items; allowed are up to " + std::to_string(kMaxRank)};
  }
  for (const Feedback& feedback : request.feedback) {
    if (was_shown(request, feedback)) continue;
    const std::string item = feedback.item ? "item " + std::to_string(feedback.item->value) : "no item";
    return Error{ErrorCode::kInvalidArgument, "Feedback on request " + request.task.to_string() + " names " +
                                                  item + " at rank " + std::to_string(feedback.rank) +
                                                  ", which was not shown there"};
  }
  return {};
}

}  // namespace

Policy imported_policy() {
  return {"imported", "", true};
}

Status check_imported(const std::vector<ImportedRequest>& requests) {
  for (const ImportedRequest& request : requests) {
    if (Status checked = check(request); !checked) return checked;
  }
  return {};
}

std::string packed_order(const ImportedRequest& request) {
  std::vector<RankedItem> items;
  items.reserve(request.shown.size());
  for (const ItemId item : request.shown) items.push_back({item, 0, 1});
  return pack_ranking(items);
}

double weight_of(const ImportedRequest& request, const Feedback& feedback) {
  return feedback.item || !request.shown.empty() ? feedback.weight : 0;
}

}  // namespace rankloop::storage
