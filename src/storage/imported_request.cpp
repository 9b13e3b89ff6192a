// Checks imported requests, and what is stored of each.
#include "storage/imported_request.h"

#include <map>
#include <string_view>

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
  if (!request.propensities.empty() && request.propensities.size() != request.shown.size()) {
    return Error{ErrorCode::kInvalidArgument, "Request " + request.task.to_string() + " has " +
                                                  std::to_string(request.propensities.size()) +
                                                  " propensities for " +
                                                  std::to_string(request.shown.size()) + " items"};
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

Policy imported_policy(const ImportedRequest& request) {
  return {PolicyKind::kImported, request.propensities.empty()};
}

Result<std::vector<const ImportedRequest*>> not_imported(const std::vector<ImportedRequest>& requests,
                                                         const StoredContent& stored) {
  std::vector<const ImportedRequest*> fresh;
  std::map<std::string_view, std::string_view> listed;  // content by key
  for (const ImportedRequest& request : requests) {
    if (request.key.empty()) {
      fresh.push_back(&request);
      continue;
    }
    const auto [earlier, first] = listed.emplace(request.key, request.content);
    const std::optional<std::string> there = first ? stored(request.key) : std::string{earlier->second};
    if (!there) {
      fresh.push_back(&request);
    } else if (*there != request.content) {
      return Error{
          ErrorCode::kAlreadyExists,
          "request '" + request.key +
              "' was imported before and said something else; an id stands for one request in all imports"};
    }
  }
  return fresh;
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
  for (std::size_t i = 0; i < request.shown.size(); ++i)
    items.push_back({request.shown[i], 0, request.propensities.empty() ? 1 : request.propensities[i]});
  return pack_ranking(items);
}

bool is_evidence(const ImportedRequest& request, const Feedback& feedback) {
  return feedback.item || !request.shown.empty();
}

}  // namespace rankloop::storage
