// History of other systems, written as if it had happened here.
#include "storage/packed_ranking.h"
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

constexpr std::string_view kSource = "import";

// What they showed had an order, but no scores and no known chances.
std::string packed_order(const std::vector<ItemId>& shown) {
  std::vector<RankedItem> items;
  items.reserve(shown.size());
  for (const ItemId item : shown) items.push_back({item, 0, 1});
  return pack_ranking(items);
}

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

StartedInference insert_request(WriteTransaction& transaction, const ImportedRequest& request,
                                std::int64_t catalog_version) {
  const Policy policy{"imported", "", true};
  const std::int64_t source = transaction.source_number(std::string(kSource));
  const std::int64_t count = static_cast<std::int64_t>(request.shown.size());
  Database& database = transaction.database();
  database.run("add_user", request.at, request.domain_version, unless_empty(request.user_key),
               request.payload);
  const UserId user{database.last_id()};
  database.run("add_inference", blob(request.task), user, request.at, request.domain_version, source,
               std::nullopt);
  const InferenceId id{database.last_id()};
  database.run("add_imported_task", blob(request.task), id, request.at);
  database.run("add_ranking", id, ModelId{}, transaction.policy_number(policy), 0, catalog_version,
               request.domain_version, count, Blob{packed_order(request.shown)});
  if (count > 0) database.run("add_exposure", id, 1, count, request.at, source);
  for (const Feedback& feedback : request.feedback) {
    const bool evidence = feedback.item || count > 0;
    database.run("add_feedback", id, feedback.item, feedback.rank, feedback.kind, feedback.value,
                 evidence ? feedback.weight : 0.0, feedback.at);
  }
  return {user, id};
}

}  // namespace

void SqliteStore::import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                                  Done<std::int64_t> done) {
  for (const ImportedRequest& request : requests) {
    if (Status checked = check(request); !checked) return done(checked.error());
  }
  const auto last = std::make_shared<StartedInference>();
  submit<std::int64_t>(
      [requests = std::move(requests), catalog_version,
       last](WriteTransaction& transaction) -> Result<std::int64_t> {
        for (const ImportedRequest& request : requests)
          *last = insert_request(transaction, request, catalog_version);
        return static_cast<std::int64_t>(requests.size());
      },
      std::nullopt,
      [this, last](const Result<std::int64_t>& imported) {
        if (!imported || *imported == 0) return;
        users_ = last->user.value;
        inferences_ = last->inference.value;
      },
      std::move(done));
}

}  // namespace rankloop::storage::sqlite
