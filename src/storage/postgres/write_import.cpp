// History of other systems, written as if it had happened here.
#include "storage/imported_request.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::string_view kSource = "import";

void insert_requests(WriteBatch& batch, const std::vector<ImportedRequest>& requests, std::int64_t before,
                     std::int64_t catalog_version) {
  Table rows;
  for (const ImportedRequest& request : requests) {
    rows.add(before + rows.rows() + 1, request.task, request.at, request.domain_version,
             unless_empty(request.user_key), request.payload, static_cast<std::int64_t>(request.shown.size()),
             Blob{packed_order(request)});
  }
  const std::int64_t source = batch.source_number(std::string(kSource));
  batch.connection().run("import_requests", rows, source, batch.policy_number(imported_policy()),
                         catalog_version);
}

void insert_feedback(WriteBatch& batch, const std::vector<ImportedRequest>& requests, std::int64_t before) {
  Table rows;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::int64_t number = before + static_cast<std::int64_t>(i) + 1;
    std::int64_t n = 0;
    for (const Feedback& feedback : requests[i].feedback) {
      rows.add(number, ++n, feedback.item, feedback.rank, feedback.kind, feedback.value,
               weight_of(requests[i], feedback), feedback.at);
    }
  }
  if (rows.rows() > 0) batch.connection().run("import_feedback", rows);
}

}  // namespace

void PostgresStore::import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                                    Done<std::int64_t> done) {
  if (Status checked = check_imported(requests); !checked) return done(checked.error());
  const auto last = std::make_shared<std::int64_t>(0);
  submit_body<std::int64_t>(
      [requests = std::move(requests), catalog_version, last](WriteBatch& batch) -> Result<std::int64_t> {
        if (requests.empty()) return 0;
        const auto count = static_cast<std::int64_t>(requests.size());
        const std::int64_t before = batch.last_number();
        insert_requests(batch, requests, before, catalog_version);
        insert_feedback(batch, requests, before);
        *last = before + count;
        return count;
      },
      std::nullopt,
      [this, last](const Result<std::int64_t>& imported) {
        if (imported) requests_grew(*last);
      },
      std::move(done));
}

}  // namespace rankloop::storage::postgres
