// History of other systems, written as if it had happened here.
#include "storage/imported_request.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::string_view kSource = "import";

void insert_requests(WriteBatch& batch, const std::vector<ImportedRequest>& requests,
                     const std::vector<std::int64_t>& numbers, std::int64_t catalog_version) {
  Column ids(Column::Of::kInteger);
  Column tasks(Column::Of::kTaskId);
  Column created(Column::Of::kInteger);
  Column domains(Column::Of::kInteger);
  Column keys(Column::Of::kText);
  Column payloads(Column::Of::kText);
  Column shown(Column::Of::kInteger);
  Column packed(Column::Of::kBytes);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const ImportedRequest& request = requests[i];
    ids.add(numbers[i]);
    tasks.add(request.task);
    created.add(std::int64_t{request.at.time_since_epoch().count()});
    domains.add(std::int64_t{request.domain_version});
    if (request.user_key.empty()) {
      keys.add_null();
    } else {
      keys.add(std::string_view(request.user_key));
    }
    payloads.add(std::string_view(request.payload));
    shown.add(static_cast<std::int64_t>(request.shown.size()));
    packed.add(std::string_view(packed_order(request)));
  }
  const std::int64_t source = batch.source_number(std::string(kSource));
  batch.connection().run("import_requests", ids, tasks, created, domains, keys, payloads, shown, packed,
                         source, batch.policy_number(imported_policy()), catalog_version);
}

void insert_feedback(WriteBatch& batch, const std::vector<ImportedRequest>& requests,
                     const std::vector<std::int64_t>& numbers) {
  Column ids(Column::Of::kInteger);
  Column positions(Column::Of::kInteger);
  Column items(Column::Of::kInteger);
  Column ranks(Column::Of::kInteger);
  Column kinds(Column::Of::kText);
  Column values(Column::Of::kReal);
  Column weights(Column::Of::kReal);
  Column times(Column::Of::kInteger);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::int64_t n = 0;
    for (const Feedback& feedback : requests[i].feedback) {
      ids.add(numbers[i]);
      positions.add(++n);
      if (feedback.item) {
        items.add(feedback.item->value);
      } else {
        items.add_null();
      }
      ranks.add(std::int64_t{feedback.rank});
      kinds.add(std::string_view(feedback.kind));
      values.add(feedback.value);
      weights.add(weight_of(requests[i], feedback));
      times.add(std::int64_t{feedback.at.time_since_epoch().count()});
    }
  }
  if (ids.empty()) return;
  batch.connection().run("import_feedback", ids, positions, items, ranks, kinds, values, weights, times);
}

}  // namespace

void PostgresStore::import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                                    Done<std::int64_t> done) {
  if (Status checked = check_imported(requests); !checked) return done(checked.error());
  const auto last = std::make_shared<std::int64_t>(0);
  submit_body<std::int64_t>(
      [requests = std::move(requests), catalog_version, last](WriteBatch& batch) -> Result<std::int64_t> {
        if (requests.empty()) return 0;
        std::vector<std::int64_t> numbers;
        for (std::size_t i = 0; i < requests.size(); ++i) numbers.push_back(batch.next_number());
        insert_requests(batch, requests, numbers, catalog_version);
        insert_feedback(batch, requests, numbers);
        *last = numbers.back();
        return static_cast<std::int64_t>(requests.size());
      },
      std::nullopt,
      [this, last](const Result<std::int64_t>& imported) {
        if (imported) requests_grew(*last);
      },
      std::move(done));
}

}  // namespace rankloop::storage::postgres
