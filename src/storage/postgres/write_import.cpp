// History of other systems, written as if it had happened here.
#include <map>

#include "storage/imported_request.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

using Requests = std::vector<const ImportedRequest*>;

// One statement for the requests of each policy: with and without known propensities.
void insert_requests(WriteBatch& batch, const Requests& requests, std::int64_t before,
                     std::int64_t catalog_version) {
  const std::int64_t source = batch.source_number(name_of(RequestSource::kImport));
  for (const bool deterministic : {true, false}) {
    Table rows;
    Policy policy;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const ImportedRequest& request = *requests[i];
      if (imported_policy(request).deterministic != deterministic) continue;
      policy = imported_policy(request);
      rows.add(before + static_cast<std::int64_t>(i) + 1, request.task, request.at, request.domain_version,
               unless_empty(request.person), request.payload, static_cast<std::int64_t>(request.shown.size()),
               Blob{packed_order(request)}, unless_empty(request.candidate_fields));
    }
    if (rows.rows() == 0) continue;
    batch.connection().run("import_requests", rows, source, batch.policy_number(policy), catalog_version);
  }
}

void insert_feedback(WriteBatch& batch, const Requests& requests, std::int64_t before) {
  Table rows;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::int64_t number = before + static_cast<std::int64_t>(i) + 1;
    std::int64_t n = 0;
    for (const Feedback& feedback : requests[i]->feedback) {
      rows.add(number, ++n, feedback.item, feedback.rank, name_of(feedback.kind), feedback.value,
               weight_of(*requests[i], feedback), feedback.at);
    }
  }
  if (rows.rows() > 0) batch.connection().run("import_feedback", rows);
}

void insert_keys(WriteBatch& batch, const Requests& requests, std::int64_t before) {
  Table rows;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const ImportedRequest& request = *requests[i];
    if (!request.key.empty())
      rows.add(request.key, Blob{request.content}, before + static_cast<std::int64_t>(i) + 1);
  }
  if (rows.rows() > 0) batch.connection().run("import_keys", rows);
}

// Asked while nobody else makes requests.
Result<Requests> fresh_requests(WriteBatch& batch, const std::vector<ImportedRequest>& requests) {
  Array keys(Array::Of::kText);
  for (const ImportedRequest& request : requests) {
    if (!request.key.empty()) keys.add(request.key);
  }
  std::map<std::string, std::string> known;
  if (!keys.empty()) {
    batch.connection().each_row(
        "imported_contents",
        [&](const Row& row) {
          known.emplace(row.text("key"), row.text("content"));
          return true;
        },
        keys);
  }
  return not_imported(requests, [&](const std::string& key) -> std::optional<std::string> {
    const auto found = known.find(key);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  });
}

}  // namespace

void PostgresStore::import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                                    Done<ImportedCounts> done) {
  if (Status checked = check_imported(requests); !checked) return done(checked.error());
  const auto last = std::make_shared<std::int64_t>(0);
  submit_body<ImportedCounts>(
      [requests = std::move(requests), catalog_version, last](WriteBatch& batch) -> Result<ImportedCounts> {
        if (requests.empty()) return ImportedCounts{};
        const std::int64_t before = batch.last_number();
        const Result<Requests> fresh = fresh_requests(batch, requests);
        if (!fresh) return fresh.error();
        insert_requests(batch, *fresh, before, catalog_version);
        insert_feedback(batch, *fresh, before);
        insert_keys(batch, *fresh, before);
        const auto written = static_cast<std::int64_t>(fresh->size());
        *last = before + written;
        return ImportedCounts{written, static_cast<std::int64_t>(requests.size()) - written};
      },
      std::nullopt,
      [this, last](const Result<ImportedCounts>& imported) {
        if (imported) requests_grew(*last);
      },
      std::move(done));
}

}  // namespace rankloop::storage::postgres
