// Models, their history and their shares as JSON.
#include "app/learn/model_json.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace rankloop::app {
namespace {

boost::json::value object_or_null(const std::string& text) {
  boost::system::error_code fault;
  boost::json::value value = boost::json::parse(text, fault);
  return fault ? boost::json::value(nullptr) : value;
}

boost::json::object counts_object(const storage::ModelCounts& counts) {
  boost::json::object object{
      {"shown", counts.shown}, {"picked", counts.picked}, {"none", counts.none}, {"value", counts.value}};
  object["pick_rate"] = nullptr;
  object["pick_rate_ci"] = nullptr;
  if (const auto rate = pick_rate(counts)) {
    object["pick_rate"] = rate->rate;
    object["pick_rate_ci"] = boost::json::array{rate->low, rate->high};
  }
  return object;
}

boost::json::object brief(const ModelView& view) {
  const storage::ModelRecord& record = view.record;
  boost::json::object object;
  object["model_id"] = record.id.value;
  object["family"] = record.family;
  object["champion"] = record.champion;
  object["share"] = record.share;
  object["shadow"] = record.shadow;
  object["created"] = to_iso8601(record.created);
  object["verdict"] = verdict_json(record.verdict);
  object["metrics"] = object_or_null(record.metrics);
  object["counts"] = counts_object(view.counts);
  return object;
}

}  // namespace

boost::json::value verdict_json(const std::optional<Verdict>& verdict) {
  return verdict ? boost::json::value(name_of(*verdict)) : boost::json::value(nullptr);
}

boost::json::object to_object(const ModelView& view, Detail detail) {
  boost::json::object object = brief(view);
  if (detail == Detail::kBrief) return object;
  object["domain_version"] = view.record.domain_version;
  object["artefact"] = view.record.artefact_hash;
  object["features"] = view.record.feature_fingerprint;
  object["lineage"] = object_or_null(view.record.lineage);
  object["gate"] = object_or_null(view.record.detail);
  return object;
}

std::string record_json(const storage::ModelRecord& record) {
  boost::json::object object = brief({record, {}});
  object.erase("counts");
  return boost::json::serialize(object);
}

boost::json::object to_object(const storage::ModelEvent& event) {
  return {{"id", event.id},
          {"at", to_iso8601(event.at)},
          {"what", name_of(event.what)},
          {"model_id", event.model.value},
          {"actor", event.actor},
          {"remark", event.remark.empty() ? boost::json::value(nullptr) : boost::json::value(event.remark)},
          {"reason", event.reason},
          {"detail", object_or_null(event.detail)}};
}

}  // namespace rankloop::app
