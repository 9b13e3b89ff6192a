// The registry's use cases over the store; artefacts that are in use are kept once.
#include "app/learn/models.h"

#include <algorithm>
#include <utility>

#include "app/learn/keyed_model.h"
#include "ml/model.h"
#include "ml/share_interval.h"

namespace rankloop::app {
namespace {

Error not_found() {
  return {ErrorCode::kNotFound, "Model not found"};
}

storage::Done<storage::ModelRecord> named(Models::Done done) {
  return [done = std::move(done)](Result<storage::ModelRecord> outcome) {
    if (!outcome && outcome.error().code == ErrorCode::kNotFound) return done(not_found());
    done(std::move(outcome));
  };
}

}  // namespace

std::optional<PickRate> pick_rate(const storage::ModelCounts& counts) {
  if (counts.shown <= 0) return std::nullopt;
  const auto n = static_cast<double>(counts.shown);
  const double rate = static_cast<double>(counts.picked) / n;
  const ml::Interval interval = ml::share_interval(rate, n);
  return PickRate{rate, interval.low, interval.high};
}

Result<std::vector<ModelView>> Models::list() {
  auto records = store_.models();
  if (!records) return records.error();
  const auto counts = store_.model_counts();
  if (!counts) return counts.error();
  std::vector<ModelView> views;
  for (storage::ModelRecord& record : *records) {
    const auto counted = std::find_if(counts->begin(), counts->end(),
                                      [&](const storage::ModelCounts& c) { return c.model == record.id; });
    views.push_back({std::move(record), counted == counts->end() ? storage::ModelCounts{} : *counted});
  }
  return views;
}

Result<ModelView> Models::get(ModelId id) {
  auto views = list();
  if (!views) return views.error();
  const auto found =
      std::find_if(views->begin(), views->end(), [&](const ModelView& view) { return view.record.id == id; });
  if (found == views->end()) return not_found();
  return std::move(*found);
}

Result<std::vector<storage::ModelEvent>> Models::history(std::optional<std::int64_t> before, int limit) {
  return store_.model_history(before, limit);
}

Status Models::loadable(ModelId id) {
  const auto hash = hash_of(id);
  if (!hash) return hash.error();
  const auto bytes = stored(*hash);
  if (!bytes) return bytes.error();
  const auto model = ml::load_model(**bytes, domain_);
  return model ? Status{} : Status{model.error()};
}

void Models::promote(ModelId id, Signed by, KeptWith keep, Done done) {
  if (const Status sound = loadable(id); !sound) return done(sound.error());
  store_.promote_model(id, change(std::move(by)), std::move(keep), named(std::move(done)));
}

void Models::rollback(Signed by, KeptWith keep, Done done) {
  store_.rollback_model(change(std::move(by)), std::move(keep), std::move(done));
}

void Models::share(ModelId id, double share, Signed by, KeptWith keep, Done done) {
  if (const Status sound = loadable(id); !sound) return done(sound.error());
  store_.share_traffic(id, share, change(std::move(by)), std::move(keep), named(std::move(done)));
}

void Models::shadow(ModelId id, bool on, Signed by, KeptWith keep, Done done) {
  if (const Status sound = loadable(id); !sound) return done(sound.error());
  store_.shadow_model(id, on, change(std::move(by)), std::move(keep), named(std::move(done)));
}

void Models::remove(ModelId id, Signed by, KeptWith keep, Done done) {
  store_.remove_model(id, change(std::move(by)), std::move(keep), named(std::move(done)));
}

storage::ModelChange Models::change(Signed by) const {
  return {std::move(by.actor), std::move(by.reason), {}, clock_.wall(), std::move(by.remark)};
}

Result<std::string> Models::hash_of(ModelId id) {
  const auto records = store_.models();
  if (!records) return records.error();
  const auto found = std::find_if(records->begin(), records->end(),
                                  [&](const storage::ModelRecord& record) { return record.id == id; });
  return found == records->end() ? Result<std::string>(not_found()) : found->artefact_hash;
}

template <class Make>
Result<Models::Bytes> Models::in_use(const std::string& name, Make make) {
  const Lock lock{mutex_};
  std::erase_if(in_use_, [](const auto& kept) { return kept.second.expired(); });
  if (const auto kept = in_use_.find(name); kept != in_use_.end()) {
    if (auto bytes = kept->second.lock()) return bytes;
  }
  Result<std::string> made = make();
  if (!made) return made.error();
  auto bytes = std::make_shared<const std::string>(*std::move(made));
  in_use_[name] = bytes;
  return bytes;
}

Result<Models::Bytes> Models::stored(const std::string& hash) {
  return in_use(hash, [&] { return store_.artefact(hash); });
}

Result<Models::Bytes> Models::with_keys(const std::string& hash) {
  return in_use(hash + " with keys", [&]() -> Result<std::string> {
    const auto bytes = store_.artefact(hash);
    if (!bytes) return bytes.error();
    const auto model = ml::load_model(*bytes, domain_);
    if (!model) return model.error();
    return travelling_artefact(**model, domain_, [&](ItemId item) { return names_.key_of(item); });
  });
}

Result<Models::Bytes> Models::artefact(ModelId id) {
  const auto hash = hash_of(id);
  if (!hash) return hash.error();
  return domain_.item_id_type == ItemIdType::kNumber ? stored(*hash) : with_keys(*hash);
}

void Models::import(std::string artefact, Signed by, storage::Done<ModelId> done) {
  if (const Status learned = names_.learn(); !learned) return done(learned.error());
  const auto model =
      arrived_model(artefact, domain_, [&](std::string_view key) { return names_.keys().find(key); });
  if (!model) return done(model.error());
  if (domain_.item_id_type == ItemIdType::kText) artefact = (*model)->save();
  storage::NewModel record;
  record.family = std::string{(*model)->family()};
  record.feature_fingerprint = (*model)->feature_fingerprint();
  record.artefact = std::move(artefact);
  record.metrics = "{}";
  record.lineage = R"({"source":"import"})";
  record.domain_version = domain_version_;
  record.at = clock_.wall();
  record.actor = std::move(by.actor);
  record.reason = std::move(by.reason);
  store_.add_model(std::move(record), std::move(done));
}

}  // namespace rankloop::app
