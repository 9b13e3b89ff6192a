// The lineage as text and back, and its hash.
#include "app/learn/lineage.h"

#include <chrono>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/sha256.h"

namespace rankloop::app {

namespace {

// Calls `number` with the name and the place of each number, and `imported` with the place of the imported
// one, in the order in which they are kept.
template <class AnyLineage, class Number, class Imported>
void each_member(AnyLineage& lineage, const Number& number, const Imported& imported) {
  number("first", lineage.first.value);
  number("trained_until", lineage.trained_until.value);
  number("last", lineage.last.value);
  number("requests", lineage.requests);
  number("none_chosen", lineage.none_chosen);
  number("without_outcome", lineage.without_outcome);
  number("awaited", lineage.awaited);
  number("picked_below", lineage.picked_below);
  number("unreadable", lineage.unreadable);
  number("imported", lineage.imported);
  number("randomised", lineage.randomised);
  imported(lineage.last_imported);
  number("rows", lineage.rows);
  number("train_requests", lineage.train_requests);
  number("validation_requests", lineage.validation_requests);
  number("test_requests", lineage.test_requests);
}

std::string dataset_members(const Lineage& lineage) {
  std::string json = R"("source":"ledger")";
  const auto add = [&json](std::string_view name, std::int64_t number) {
    json += ",\"";
    json += name;
    json += "\":" + std::to_string(number);
  };
  each_member(lineage, add, [&add](const std::optional<LastImported>& last) {
    if (!last) return;
    add("imported_until", last->at.time_since_epoch().count());
    add("imported_last", last->id.value);
  });
  return json;
}

std::string settings_members(const ModelLineage& lineage) {
  return R"("family":")" + lineage.family + R"(","window":)" + std::to_string(lineage.window) +
         R"(,"objective":")" + lineage.objective + R"(","seed":)" + std::to_string(lineage.seed) +
         R"(,"position_bias":")" + (lineage.positions_weighed ? "estimate" : "none") +
         R"(","hyperparameters":)" + lineage.hyperparameters;
}

std::string hash_of(const Lineage& dataset, const std::string& settings) {
  Sha256 hash;
  hash.add(std::as_bytes(std::span(dataset.hash)));
  hash.add(std::as_bytes(std::span(settings)));
  return hash.hex();
}

}  // namespace

std::string to_json(const ModelLineage& lineage) {
  const std::string settings = settings_members(lineage);
  const boost::json::array warnings(lineage.warnings.begin(), lineage.warnings.end());
  return "{" + dataset_members(lineage.dataset) + R"(,"hash":")" + hash_of(lineage.dataset, settings) +
         R"(",)" + settings + R"(,"features":")" + lineage.features + R"(","position_evidence":")" +
         lineage.position_evidence + R"(","warnings":)" + boost::json::serialize(warnings) + R"(,"cause":")" +
         lineage.cause + R"(","seconds":)" + std::to_string(lineage.seconds) + R"(,"snapshot":)" +
         lineage.snapshot + R"(,"curve":)" + lineage.curve + "}";
}

Lineage read_lineage(const std::string& json) {
  Lineage lineage;
  boost::system::error_code fault;
  const boost::json::value parsed = boost::json::parse(json, fault);
  const boost::json::object* const members = fault ? nullptr : parsed.if_object();
  if (members == nullptr) return lineage;
  const auto read = [members](std::string_view name, std::int64_t& number) {
    const boost::json::value* const found = members->if_contains(name);
    if (found != nullptr && found->is_int64()) number = found->get_int64();
  };
  each_member(lineage, read, [&](std::optional<LastImported>& last) {
    if (!members->contains("imported_until")) return;
    std::int64_t at = 0;
    last.emplace();
    read("imported_until", at);
    read("imported_last", last->id.value);
    last->at = WallTime{std::chrono::milliseconds{at}};
  });
  return lineage;
}

bool learned_from(const Lineage& lineage, InferenceId request, WallTime at, bool imported) {
  if (!imported || !lineage.last_imported) return request <= lineage.trained_until;
  return request <= lineage.last &&
         std::pair{at, request} <= std::pair{lineage.last_imported->at, lineage.last_imported->id};
}

}  // namespace rankloop::app
