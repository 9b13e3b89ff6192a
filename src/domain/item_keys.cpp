// Keys of items: which there can be, and the table of those that there are.
#include "domain/item_keys.h"

#include <algorithm>
#include <cstdint>

#include "domain/declared_inputs.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop {
namespace {

// C0 and DEL, and C1 as UTF-8 writes it: 0xC2, then 0x80 to 0x9F.
bool has_control_character(std::string_view text) {
  unsigned char before = 0;
  return std::ranges::any_of(text, [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool second = before == 0xC2 && byte < 0xA0;
    before = byte;
    return byte < 0x20 || byte == 0x7F || second;
  });
}

}  // namespace

bool is_item_key(std::string_view text) {
  return !text.empty() && text.size() <= kLongestItemKey && is_utf8(text) && !has_control_character(text);
}

bool is_item_number(ItemId number) {
  return number.value >= 1 && number.value <= kLargestNumber;
}

std::string_view allowed_item_id(ItemIdType type) {
  return type == ItemIdType::kNumber ? "a whole number from 1 to 2^53 - 1"
                                     : "a text of 1 to 256 bytes without control characters";
}

std::string_view type_of_no_id(ItemIdType type) {
  return type == ItemIdType::kNumber ? "int_type" : "string_type";
}

std::optional<ItemName> item_name_of(const boost::json::value& value, ItemIdType type) {
  if (type == ItemIdType::kText) {
    if (!value.is_string() || !is_item_key(value.get_string())) return std::nullopt;
    return ItemName{std::string_view{value.get_string()}};
  }
  if (!value.is_number()) return std::nullopt;
  boost::system::error_code fault;
  const auto number = value.to_number<std::int64_t>(fault);
  return fault ? std::nullopt : std::optional<ItemName>{ItemId{number}};
}

std::string in_words(const ItemName& name) {
  if (name.key.empty()) return std::to_string(name.number.value);
  std::string text;
  append_json_string(text, name.key);
  return text;
}

std::optional<ItemId> ItemKeys::find(const ItemName& name) const {
  return are_texts() ? find(name.key) : std::optional{name.number};
}

std::optional<ItemId> ItemKeys::find(std::string_view key) const {
  const ReadLock lock{mutex_};
  const std::uint32_t number = texts_.find(key);
  return number == 0 ? std::nullopt : std::optional{ItemId{number}};
}

std::optional<std::string_view> ItemKeys::key_of(ItemId item) const {
  const ReadLock lock{mutex_};
  if (item.value < 1 || item.value > texts_.size()) return std::nullopt;
  return texts_.at(static_cast<std::uint32_t>(item.value));
}

ItemId ItemKeys::last() const {
  const ReadLock lock{mutex_};
  return ItemId{texts_.size()};
}

Result<ItemId> ItemKeys::add(std::string_view key) {
  const WriteLock lock{mutex_};
  const std::uint32_t number = texts_.add(key);
  if (number != 0) return ItemId{number};
  return Error{ErrorCode::kResourceExhausted, "there is no room for another item's key"};
}

}  // namespace rankloop
