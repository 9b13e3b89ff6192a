// History of other systems, written as if it had happened here.
#include "storage/imported_request.h"
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

StartedInference insert_request(WriteTransaction& transaction, const ImportedRequest& request,
                                std::int64_t catalog_version) {
  const std::int64_t source = transaction.source_number(name_of(RequestSource::kImport));
  const std::int64_t count = static_cast<std::int64_t>(request.shown.size());
  Database& database = transaction.connection();
  database.execute("add_user", request.at, request.domain_version, unless_empty(request.person),
                   request.payload);
  const RequestId user{database.last_id()};
  database.execute("add_inference", request.task, user, request.at, request.domain_version, source,
                   std::nullopt, unless_empty(request.candidate_fields), std::nullopt, std::nullopt);
  const InferenceId id{database.last_id()};
  database.execute("add_imported_task", request.task, id, request.at);
  database.execute("add_ranking", id, ModelId{}, transaction.policy_number(imported_policy(request)), 0,
                   catalog_version, request.domain_version, count, Blob{packed_order(request)}, std::nullopt,
                   std::nullopt, std::nullopt, std::nullopt);
  if (count > 0)
    database.execute("add_exposure", id, 1, count, request.at, source, transaction.next_position());
  for (const Feedback& feedback : request.feedback) {
    database.execute("add_feedback", id, feedback.item, feedback.rank, feedback.kind, feedback.value,
                     feedback.people, feedback.weight, is_evidence(request, feedback), feedback.at,
                     std::nullopt, transaction.next_position());
  }
  if (!request.key.empty()) database.execute("add_imported_key", request.key, Blob{request.content}, id);
  return {user, id};
}

std::optional<std::string> stored_content(Database& database, const std::string& key) {
  return the_row(database, "imported_content", [](const auto& row) { return row.text("content"); }, key);
}

}  // namespace

void SqliteStore::import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                                  Done<ImportedCounts> done) {
  if (Status checked = check_imported(requests); !checked) return done(checked.error());
  const auto last = std::make_shared<StartedInference>();
  submit_body<ImportedCounts>(
      [requests = std::move(requests), catalog_version,
       last](WriteTransaction& transaction) -> Result<ImportedCounts> {
        const auto fresh = not_imported(
            requests, [&](const std::string& key) { return stored_content(transaction.connection(), key); });
        if (!fresh) return fresh.error();
        for (const ImportedRequest* request : *fresh)
          *last = insert_request(transaction, *request, catalog_version);
        const auto written = static_cast<std::int64_t>(fresh->size());
        return ImportedCounts{written, static_cast<std::int64_t>(requests.size()) - written};
      },
      std::nullopt,
      [this, last](const Result<ImportedCounts>& imported) {
        if (!imported || imported->requests == 0) return;
        users_ = last->user.value;
        inferences_ = last->inference.value;
        history_moved(committed_position());
      },
      std::move(done));
}

}  // namespace rankloop::storage::sqlite
