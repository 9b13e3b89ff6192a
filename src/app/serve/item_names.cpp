// Names of items, from memory or else from the store.
#include "app/serve/item_names.h"

#include <optional>

namespace rankloop::app {

void write_id(JsonWriter& json, const Domain& domain, ItemId item, std::string_view key) {
  json.key(domain.item_id_field);
  if (domain.item_id_type == ItemIdType::kNumber) {
    json.integer(item.value);
  } else {
    key.empty() ? json.null() : json.text(key);
  }
}

Error ItemNames::not_found(const ItemName& name) const {
  return {ErrorCode::kNotFound, "There is no " + domain_->item.one + " " + rankloop::in_words(name)};
}

Result<ItemId> ItemNames::find(const ItemName& name) {
  if (const auto known = keys_.find(name)) return *known;
  if (Status learned = learn(); !learned) return learned.error();
  if (const auto known = keys_.find(name)) return *known;
  return not_found(name);
}

std::string_view ItemNames::key_of(ItemId item) {
  if (!keys_.are_texts()) return {};
  auto key = keys_.key_of(item);
  if (!key && learn()) key = keys_.key_of(item);
  return key.value_or("");
}

void ItemNames::write(JsonWriter& json, ItemId item) {
  write_id(json, *domain_, item, key_of(item));
}

boost::json::value ItemNames::value(ItemId item) {
  if (!keys_.are_texts()) return item.value;
  const std::string_view key = key_of(item);
  return key.empty() ? boost::json::value(nullptr) : boost::json::value(key);
}

std::string ItemNames::in_words(ItemId item) {
  const std::string_view key = key_of(item);
  return rankloop::in_words(key.empty() ? ItemName{item} : ItemName{key});
}

Status ItemNames::learn() {
  if (!keys_.are_texts()) return {};
  const Lock lock{learning_};
  Status fault;
  const Status read = store_.each_item_key(keys_.last(), [&](ItemId item, std::string_view key) {
    if (!fault) return;
    const Result<ItemId> added = keys_.add(key);
    if (!added) {
      fault = added.error();
    } else if (*added != item) {
      fault = Error{ErrorCode::kDataLoss,
                    "The store's keys of items have a gap before the number " + std::to_string(item.value)};
    }
  });
  return read ? fault : read;
}

}  // namespace rankloop::app
