// The words of a search, read and matched against columns and texts.
#include "app/serve/item_query.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/json/parse.hpp>

namespace rankloop::app {
namespace {

constexpr double kExactInFloat = 1 << 24;  // whole numbers up to this are the same in float32

std::string in_small_letters(std::string_view text) {
  std::string small{text};
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<std::string> words;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.push_back(in_small_letters(text.substr(at, end - at)));
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

// Where the sign of a bound stands: behind a name and before a number.
std::optional<std::size_t> sign_in(std::string_view word) {
  const std::size_t at = word.find_first_of("<>=");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const auto limit = number_of<double>(word.substr(at + 1));
  return limit && std::isfinite(*limit) ? std::optional(at) : std::nullopt;
}

Error fault_of(std::string message) {
  return invalid_fields({{{"query", "q"}, std::move(message), "value_error"}});
}

bool has_part(const boost::json::value& text, std::string_view part) {
  return text.is_string() && in_small_letters(text.get_string()).find(part) != std::string::npos;
}

bool beyond(double value, char sign, double limit) {
  return sign == '<' ? value < limit : sign == '>' ? value > limit : value == limit;
}

}  // namespace

std::optional<std::size_t> column_in_memory(const ml::Catalog& catalog, std::string_view name) {
  const auto column = catalog.domain().items.column(name);
  if (!column) return std::nullopt;
  const auto known = catalog.item_columns();
  if (!std::binary_search(known.begin(), known.end(), *column)) return std::nullopt;
  return catalog.position_of(*column);
}

Result<ItemQuery> ItemQuery::read(std::string_view text, const ml::Catalog& catalog, const ItemKeys& keys) {
  const auto characters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  if (characters > kMaxCharacters) {
    return fault_of("the search has " + std::to_string(characters) + " characters; allowed are up to " +
                    std::to_string(kMaxCharacters));
  }
  ItemQuery query;
  query.keys_ = &keys;
  for (const std::string& word : words_of(text)) {
    const std::optional<std::size_t> sign = sign_in(word);
    Result<Word> made = sign ? bound(word, *sign, catalog) : part(word, catalog);
    if (!made) return made.error();
    query.words_.push_back(*std::move(made));
  }
  if (keys.are_texts()) {
    query.named_ = keys.find(text);
  } else if (query.words_.size() == 1 && query.words_.front().number) {
    query.named_ = ItemId{*query.words_.front().number};
  }
  return query;
}

Result<ItemQuery::Word> ItemQuery::bound(std::string_view text, std::size_t sign,
                                         const ml::Catalog& catalog) {
  const Domain& domain = catalog.domain();
  const std::string_view name = text.substr(0, sign);
  Word word;
  word.sign = text[sign];
  word.limit = *number_of<double>(text.substr(sign + 1));
  const bool id_is_number = domain.item_id_type == ItemIdType::kNumber;
  if (id_is_number && name == in_small_letters(domain.item_id_field)) {
    word.bounded = Place{};
    return word;
  }
  for (const Field& field : domain.items.fields()) {
    if (in_small_letters(field.name) != name) continue;
    if (field.type != FieldType::kInt && field.type != FieldType::kFloat) continue;
    word.bounded = Place{field.name, column_in_memory(catalog, field.name)};
    return word;
  }
  return fault_of("'" + std::string{name} + "' is no number of a " + domain.item.one);
}

ItemQuery::Word ItemQuery::part(std::string text, const ml::Catalog& catalog) {
  Word word;
  word.text = std::move(text);
  word.number = number_of<std::int64_t>(word.text);
  for (const Field& field : catalog.domain().items.fields()) {
    const Place place{field.name, column_in_memory(catalog, field.name)};
    if (field.type == FieldType::kBool && in_small_letters(field.name).find(word.text) != std::string::npos)
      word.flags.push_back(place);
    if (field.type == FieldType::kInt && word.number) word.wholes.push_back(place);
    if (has_words(field.type) || field.type == FieldType::kText) word.texts.push_back(field.name);
  }
  return word;
}

// A number is the id itself, a text a part of it.
bool ItemQuery::is_of_id(const Word& word, ItemId id) const {
  if (!keys_->are_texts()) return word.number && id.value == *word.number;
  const auto key = keys_->key_of(id);
  return key && in_small_letters(*key).find(word.text) != std::string::npos;
}

ItemQuery::Answer ItemQuery::in_memory(ItemId id, const ml::CatalogChunk& chunk, std::size_t row) const {
  Answer answer = Answer::kYes;
  if (keys_->are_texts() && id == named_) return answer;
  for (const Word& word : words_) {
    const Answer one =
        word.bounded ? bound_in_memory(word, id, chunk, row) : word_in_memory(word, id, chunk, row);
    if (one == Answer::kNo) return one;
    if (one == Answer::kAskPayload) answer = one;
  }
  return answer;
}

// Rounding to float keeps the order, so only a value that lies on the limit itself is in doubt.
ItemQuery::Answer ItemQuery::bound_in_memory(const Word& word, ItemId id, const ml::CatalogChunk& chunk,
                                             std::size_t row) {
  if (word.bounded->name.empty()) {
    return beyond(static_cast<double>(id.value), word.sign, word.limit) ? Answer::kYes : Answer::kNo;
  }
  if (!word.bounded->column) return Answer::kAskPayload;
  const float value = chunk.column(*word.bounded->column)[row];
  const auto limit = static_cast<float>(word.limit);
  if (std::isnan(value)) return Answer::kNo;
  if (value == limit) return Answer::kAskPayload;
  return word.sign != '=' && beyond(static_cast<double>(value), word.sign, static_cast<double>(limit))
             ? Answer::kYes
             : Answer::kNo;
}

ItemQuery::Answer ItemQuery::word_in_memory(const Word& word, ItemId id, const ml::CatalogChunk& chunk,
                                            std::size_t row) const {
  if (is_of_id(word, id)) return Answer::kYes;
  bool ask = !word.texts.empty();
  for (const Place& flag : word.flags) {
    if (!flag.column) {
      ask = true;
    } else if (chunk.column(*flag.column)[row] == 1) {
      return Answer::kYes;
    }
  }
  for (const Place& whole : word.wholes) {
    const auto number = static_cast<double>(*word.number);
    if (!whole.column) {
      ask = true;
    } else if (static_cast<double>(chunk.column(*whole.column)[row]) ==
               static_cast<double>(static_cast<float>(number))) {
      if (std::abs(number) < kExactInFloat) return Answer::kYes;
      ask = true;
    }
  }
  return ask ? Answer::kAskPayload : Answer::kNo;
}

bool ItemQuery::holds(ItemId id, std::string_view payload) const {
  boost::system::error_code fault;
  const boost::json::value json = boost::json::parse(payload, fault);
  const boost::json::object* fields = fault ? nullptr : json.if_object();
  return fields != nullptr && std::all_of(words_.begin(), words_.end(),
                                          [&](const Word& word) { return word_holds(word, id, *fields); });
}

bool ItemQuery::word_holds(const Word& word, ItemId id, const boost::json::object& fields) const {
  const auto number_at = [&](const std::string& name) -> std::optional<double> {
    const boost::json::value* value = fields.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
  };
  if (word.bounded) {
    const auto value = word.bounded->name.empty() ? std::optional(static_cast<double>(id.value))
                                                  : number_at(word.bounded->name);
    return value && beyond(*value, word.sign, word.limit);
  }
  if (is_of_id(word, id)) return true;
  for (const Place& flag : word.flags) {
    const boost::json::value* value = fields.if_contains(flag.name);
    if (value != nullptr && value->is_bool() && value->get_bool()) return true;
  }
  for (const Place& whole : word.wholes) {
    if (number_at(whole.name) == static_cast<double>(*word.number)) return true;
  }
  return std::any_of(word.texts.begin(), word.texts.end(), [&](const std::string& name) {
    const boost::json::value* value = fields.if_contains(name);
    if (value == nullptr) return false;
    const boost::json::array* tags = value->if_array();
    return tags == nullptr ? has_part(*value, word.text)
                           : std::any_of(tags->begin(), tags->end(), [&](const boost::json::value& tag) {
                               return has_part(tag, word.text);
                             });
  });
}

}  // namespace rankloop::app
