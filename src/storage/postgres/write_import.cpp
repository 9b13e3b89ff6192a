// History of other systems, written as if it had happened here.
#include <map>

#include "storage/imported_request.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

using FreshRequests = std::vector<const ImportedRequest*>;

struct NumberedRequest {
  const ImportedRequest* request;
  std::int64_t number = 0;
  std::optional<std::int64_t> position;  // of its exposure, if it has one; those of its feedback follow
};

std::int64_t happenings_of(const ImportedRequest& request) {
  return static_cast<std::int64_t>(request.feedback.size()) + (request.shown.empty() ? 0 : 1);
}

std::vector<NumberedRequest> numbered(WriteBatch& batch, const FreshRequests& requests, std::int64_t before,
                                      bool ordered) {
  std::int64_t happenings = 0;
  for (const ImportedRequest* request : requests) happenings += happenings_of(*request);
  std::optional<std::int64_t> position;
  if (ordered && happenings > 0) position = batch.take_positions(happenings);
  std::vector<NumberedRequest> made;
  for (const ImportedRequest* request : requests) {
    made.push_back({request, ++before, position});
    if (position) *position += happenings_of(*request);
  }
  return made;
}

// One statement for the requests of each policy: with and without known propensities.
void insert_requests(WriteBatch& batch, const std::vector<NumberedRequest>& requests,
                     std::int64_t catalog_version) {
  const std::int64_t source = batch.source_number(name_of(RequestSource::kImport));
  for (const bool deterministic : {true, false}) {
    Table rows;
    Policy policy;
    for (const auto& [made, number, position] : requests) {
      const ImportedRequest& request = *made;
      if (imported_policy(request).deterministic != deterministic) continue;
      policy = imported_policy(request);
      rows.add(number, request.task, request.at, request.domain_version, unless_empty(request.person),
               request.payload, static_cast<std::int64_t>(request.shown.size()), Blob{packed_order(request)},
               unless_empty(request.candidate_fields), position);
    }
    if (rows.rows() == 0) continue;
    batch.connection().run("import_requests", rows, source, batch.policy_number(policy), catalog_version);
  }
}

void insert_feedback(WriteBatch& batch, const std::vector<NumberedRequest>& requests) {
  Table rows;
  for (const auto& [request, number, first] : requests) {
    std::optional<std::int64_t> position = first;
    if (position && !request->shown.empty()) ++*position;
    std::int64_t n = 0;
    for (const Feedback& feedback : request->feedback) {
      rows.add(number, ++n, feedback.item, feedback.rank, feedback.kind, feedback.value, feedback.people,
               feedback.weight, is_evidence(*request, feedback), feedback.at, position);
      if (position) ++*position;
    }
  }
  if (rows.rows() > 0) batch.connection().run("import_feedback", rows);
}

void insert_keys(WriteBatch& batch, const std::vector<NumberedRequest>& requests) {
  Table rows;
  for (const auto& [request, number, position] : requests) {
    if (!request->key.empty()) rows.add(request->key, Blob{request->content}, number);
  }
  if (rows.rows() > 0) batch.connection().run("import_keys", rows);
}

// Asked while nobody else makes requests.
Result<FreshRequests> fresh_requests(WriteBatch& batch, const std::vector<ImportedRequest>& requests) {
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
      [requests = std::move(requests), catalog_version, last,
       ordered = options_.histories](WriteBatch& batch) -> Result<ImportedCounts> {
        if (requests.empty()) return ImportedCounts{};
        const std::int64_t before = batch.last_number();
        const Result<FreshRequests> fresh = fresh_requests(batch, requests);
        if (!fresh) return fresh.error();
        const std::vector<NumberedRequest> made = numbered(batch, *fresh, before, ordered);
        insert_requests(batch, made, catalog_version);
        insert_feedback(batch, made);
        insert_keys(batch, made);
        const auto written = static_cast<std::int64_t>(fresh->size());
        *last = before + written;
        return ImportedCounts{written, static_cast<std::int64_t>(requests.size()) - written};
      },
      std::nullopt,
      [this, last](const Result<ImportedCounts>& imported) {
        if (!imported) return;
        requests_grew(*last);
        history_moved(committed_position());
      },
      std::move(done), options_.histories);
}

}  // namespace rankloop::storage::postgres
