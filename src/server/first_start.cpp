// Seeds the places and trains the baseline.
#include "server/first_start.h"

#include <cstdio>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "app/watch/drift.h"
#include "domain/strict_json.h"
#include "ml/train.h"
#include "simulate/labelled.h"
#include "simulate/places.h"
#include "simulate/profile.h"
#include "storage/written.h"

namespace rankloop::server {
namespace {

constexpr double kTestShare = 0.2;

Status write_places(const Domain& domain, std::span<const simulate::Place> places, storage::Store& store,
                    const Clock& clock) {
  const std::string now = to_iso8601(clock.wall());
  const std::string_view loc[] = {"places"};
  storage::CatalogWrite write{1, {}};
  for (const simulate::Place& place : places) {
    Result<boost::json::value> value = parse_strict_json(simulate::to_json(place));
    if (!value) return value.error();
    value->as_object()["creation_time"] = now;
    Result<Record> record = domain.items.check(*value, loc);
    if (!record) return record.error();
    write.items.push_back({place.id, std::move(record->payload)});
  }
  const auto outcome = storage::written<std::int64_t>(
      [&](auto done) { store.write_items(std::move(write), std::nullopt, std::move(done)); });
  return outcome ? Status{} : Status{outcome.error()};
}

Status train_baseline(const Domain& domain, int domain_version, std::span<const simulate::Place> places,
                      storage::Store& store, const Clock& clock, const PrepareProgress& progress,
                      const std::stop_token& stop) {
  const simulate::LabelledOptions options;
  const Result<ml::LabelledRows> rows =
      simulate::make_labelled(domain, places, simulate::default_profile(), options);
  if (!rows) return rows.error();
  const std::size_t split = ml::split_row(*rows, kTestShare);
  const ml::LabelledRows train = ml::slice(*rows, 0, split);
  const ml::LabelledRows test = ml::slice(*rows, split, rows->rows());
  const auto model = ml::train_model(
      domain, train, {}, {.family = "mlp", .recipe = ml::Recipe::kReference},
      [&](const ml::TrainingProgress& step) {
        char note[64];
        std::snprintf(note, sizeof note, "epoch %d of %d, loss %.3f", step.epoch, step.epochs, step.loss);
        progress("training the baseline", step.share, note);
      },
      stop);
  if (!model) return model.error();
  const auto of_train = ml::measure(**model, train);
  if (!of_train) return of_train.error();
  const auto of_test = ml::measure(**model, test);
  if (!of_test) return of_test.error();
  storage::NewModel record;
  record.family = std::string{(*model)->family()};
  record.feature_fingerprint = (*model)->feature_fingerprint();
  record.artefact = (*model)->save();
  record.metrics = R"({"train":)" + ml::to_json(*of_train) + R"(,"test":)" + ml::to_json(*of_test) + "}";
  record.lineage = R"({"source":"simulated","guests":)" + std::to_string(options.guests) + R"(,"rows":)" +
                   std::to_string(rows->rows()) + R"(,"seed":)" + std::to_string(options.seed) +
                   R"(,"snapshot":)" + app::to_json(ml::take_snapshot(domain, train)) + "}";
  record.domain_version = domain_version;
  record.at = clock.wall();
  record.promote = true;
  record.actor = "first start";
  record.reason = "baseline of the built-in domain";
  const auto id =
      storage::written<ModelId>([&](auto done) { store.add_model(std::move(record), std::move(done)); });
  return id ? Status{} : Status{id.error()};
}

}  // namespace

Status prepare_default_domain(const Domain& domain, int domain_version, bool baseline, storage::Store& store,
                              const Clock& clock, const PrepareProgress& progress,
                              const std::stop_token& stop) {
  const std::vector<simulate::Place> places = simulate::make_places();
  if (store.catalog_version() == 0) {
    progress("placing the catalog", 0, std::to_string(places.size()) + " " + domain.item.many);
    if (Status status = write_places(domain, places, store, clock); !status) return status;
  }
  if (!baseline) return {};
  const auto models = store.models();
  if (!models) return models.error();
  if (!models->empty()) return {};
  return train_baseline(domain, domain_version, places, store, clock, progress, stop);
}

Result<bool> is_unused(storage::Store& store) {
  const storage::Counts counts = store.counts();
  if (store.catalog_version() > 0 || counts.users > 0 || counts.inferences > 0) return false;
  const auto models = store.models();
  if (!models) return models.error();
  return models->empty();
}

Result<int> adopt_domain(const Domain& domain, storage::Store& store, const Clock& clock,
                         DomainAdoption how) {
  const Result<storage::DomainRecord> stored = store.domain();
  if (!stored && stored.error().code != ErrorCode::kNotFound) return stored.error();
  if (stored) {
    if (stored->source == domain.source) return stored->version;
    const Result<bool> unused = is_unused(store);
    if (!unused) return unused.error();
    const DomainCheck before = read_domain(stored->source, "stored domain");
    if (!before.domain) {
      return Error{ErrorCode::kDataLoss, "the domain kept in the store cannot be read",
                   before.faults.empty() ? "" : before.faults.front().message};
    }
    const Status fits = check_domain_change(*before.domain, domain);
    if (!fits && !*unused && how == DomainAdoption::kNext) return fits.error();
  }
  return storage::written<int>([&](auto done) {
    store.adopt_domain(domain.name, domain.fingerprint, domain.source, clock.wall(), std::move(done));
  });
}

}  // namespace rankloop::server
