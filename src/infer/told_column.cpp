// Tells in words what was seen in a column.
#include "domain/strict_json.h"
#include "infer/column_type.h"

namespace rankloop::infer {
namespace {

std::string percent(std::size_t part, std::size_t all) {
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::size_t>(all, 1));
  if (share > 0 && share < 1) return "under 1 %";
  return std::to_string(static_cast<int>(share)) + " %";
}

}  // namespace

std::vector<std::string> words_of(const ColumnProfile& seen, const Field& field) {
  const WordCounts* words = &seen.words;
  if (field.type == FieldType::kTags) {
    words = &seen.listed;
    for (const SeparatedWords& each : seen.separated) {
      if (seen.word_lists == 0 && field.separator[0] == each.separator) words = &each.words;
    }
  }
  return words->cut() ? std::vector<std::string>{} : words->sorted();
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

std::string told(const ColumnProfile& seen, const ColumnType& type) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const std::size_t gaps = seen.empty + (has_words(type.field.type) ? 0 : seen.nothing);
  if (gaps > 0) add(percent(gaps, seen.rows) + " empty");
  if (seen.texts() == 0) return text;
  const bool tags = type.field.type == FieldType::kTags;
  if (tags) {
    const WordCounts* words = seen.word_lists > 0 ? &seen.listed : nullptr;
    for (const SeparatedWords& each : seen.separated) {
      if (words == nullptr && type.field.separator[0] == each.separator) words = &each.words;
    }
    if (words != nullptr)
      add((words->cut() ? "over " : "") + std::to_string(words->words().size()) + " words");
  }
  add((seen.distinct_cut() ? "over " : "") + std::to_string(seen.distinct_cells()) + " different");
  if (seen.numbers > 0 && seen.numbers == seen.filled())
    add(number_text(seen.summary.least()) + " to " + number_text(seen.summary.largest()));
  if (seen.number_lists == seen.filled() && seen.number_lists > 0 && !tags)
    add(seen.shortest_list == seen.longest_list
            ? std::to_string(seen.longest_list) + " numbers"
            : std::to_string(seen.shortest_list) + " to " + std::to_string(seen.longest_list) + " numbers");
  if (type.field.type == FieldType::kText)
    add("up to " + std::to_string(seen.most_characters) + " characters");
  std::string examples;
  for (const std::string& each : seen.examples) examples += (examples.empty() ? "as " : " ") + each;
  add(examples);
  return text;
}

}  // namespace rankloop::infer
