// Packs a model with the keys of its items, and gives it the numbers of another store.
#include "app/learn/keyed_model.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "domain/item_keys.h"
#include "ml/artefact.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kKeyed = "keyed";
constexpr std::uint32_t kFormat = 1;

Error unsound(const std::string& what) {
  return {ErrorCode::kDataLoss, "the model's artefact with the keys of its items " + what};
}

bool has_doubles(std::vector<ItemId> numbers) {
  std::erase(numbers, ItemId{});
  std::ranges::sort(numbers);
  return std::ranges::adjacent_find(numbers) != numbers.end();
}

Result<std::shared_ptr<const ml::Model>> unpacked(const ml::Artefact& artefact, const Domain& domain,
                                                  const NumberOf& number_of) {
  if (artefact.format != kFormat) return unsound("has the unknown format " + std::to_string(artefact.format));
  ml::ByteReader reader(artefact.payload);
  const std::uint32_t count = reader.get_number();
  std::vector<ItemId> numbers;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view key = reader.get_text();
    if (reader.ok() && !is_item_key(key)) return unsound("has a key that is none");
    numbers.push_back(number_of(key).value_or(ItemId{}));
  }
  const std::string_view bytes = reader.get_text();
  if (!reader.at_end()) return unsound("does not end where it should");
  if (has_doubles(numbers)) return unsound("has a key twice");
  auto model = ml::load_model(bytes, domain);
  if (!model) return model;
  if ((*model)->items().size() != numbers.size()) return unsound("has another number of keys than of items");
  return (*model)->renumbered(numbers);
}

}  // namespace

std::string travelling_artefact(const ml::Model& model, const Domain& domain, const KeyOf& key_of) {
  if (domain.item_id_type == ItemIdType::kNumber || model.items().empty()) return model.save();
  ml::ByteWriter writer;
  writer.put(static_cast<std::uint32_t>(model.items().size()));
  for (const ItemId item : model.items()) writer.put(key_of(item));
  writer.put(model.save());
  return ml::seal_artefact({std::string{kKeyed}, kFormat, model.feature_fingerprint(), {}, writer.take()});
}

Result<std::shared_ptr<const ml::Model>> arrived_model(std::string_view bytes, const Domain& domain,
                                                       const NumberOf& number_of) {
  if (domain.item_id_type == ItemIdType::kNumber) return ml::load_model(bytes, domain);
  const auto artefact = ml::open_artefact(bytes);
  if (!artefact) return artefact.error();
  if (artefact->family == kKeyed) return unpacked(*artefact, domain, number_of);
  auto model = ml::load_model(bytes, domain);
  if (!model || (*model)->items().empty()) return model;
  return Error{ErrorCode::kFailedPrecondition,
               "the model knows items by numbers of another store, without the keys that they stand for; "
               "download it from there again"};
}

}  // namespace rankloop::app
