// Checks a foreign ranking item by item.
#include "app/serve/external_answer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/json/serialize.hpp>

#include "domain/keyed_hash.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestQuote = 60;

std::string quoted(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() <= kLongestQuote) return text;
  return std::string{utf8_prefix(text, kLongestQuote)} + "...";
}

Error wrong(const std::string& what) {
  return {ErrorCode::kInvalidArgument,
          "the Python worker's answer " + what +
              "; allowed is a list of item ids, best first, or of pairs [item id, score]"};
}

std::optional<float> score_of(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  const auto score = static_cast<float>(value.to_number<double>());
  return std::isfinite(score) ? std::optional{score} : std::nullopt;
}

Result<RankedItem> read_entry(const json::value& entry, bool pairs, std::span<const ItemId> items,
                              const ItemKeys& keys) {
  const json::array* pair = entry.if_array();
  if (pairs != (pair != nullptr)) return wrong("mixes item ids and pairs: " + quoted(entry));
  if (pair && pair->size() != 2) return wrong("has the entry " + quoted(entry));
  const json::value& name = pair ? pair->at(0) : entry;
  const auto named = item_name_of(name, keys.type());
  if (!named) return wrong("has " + quoted(name) + ", which is no item id");
  const auto id = keys.find(*named);
  if (!id || !std::ranges::binary_search(items, *id))
    return wrong("has the item " + quoted(name) + ", which was not among those to be ranked");
  RankedItem ranked{*id};
  if (!pair) return ranked;
  const auto score = score_of(pair->at(1));
  if (!score) return wrong("has the score " + quoted(pair->at(1)) + " for item " + quoted(name));
  ranked.score = *score;
  return ranked;
}

}  // namespace

Result<std::vector<RankedItem>> read_external_answer(const json::value& answer, std::span<const ItemId> items,
                                                     const ItemKeys& keys, int best) {
  const json::array* list = answer.if_array();
  if (!list) return wrong("is " + quoted(answer));
  const bool pairs = !list->empty() && list->front().is_array();
  std::vector<RankedItem> ranked;
  std::unordered_set<ItemId, KeyedHash> seen;
  for (const json::value& entry : *list) {
    auto item = read_entry(entry, pairs, items, keys);
    if (!item) return item.error();
    if (!seen.insert(item->item).second)
      return wrong("has the item " + quoted(pairs ? entry.get_array().front() : entry) + " twice");
    ranked.push_back(*item);
  }
  std::ranges::stable_sort(ranked, std::greater<>{}, &RankedItem::score);
  if (ranked.size() > static_cast<std::size_t>(best)) ranked.resize(static_cast<std::size_t>(best));
  return ranked;
}

}  // namespace rankloop::app
