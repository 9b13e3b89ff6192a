// Cells as values.
#include "app/learn/labelled_values.h"

#include <algorithm>
#include <string>

#include "domain/calendar.h"
#include "domain/table_cells.h"
#include "domain/text_words.h"

namespace rankloop::app {

std::optional<double> read_number(std::string_view cell, const Field* field) {
  if (cell.empty() || is_word_for_nothing(cell)) return kAbsent;
  if (const auto number = cell_number(cell)) return number;
  if (const auto flag = cell_flag(cell)) return *flag ? 1.0 : 0.0;
  const FieldType type = field != nullptr ? field->type : FieldType::kFloat;
  if (type == FieldType::kDate) {
    if (const auto day = parse_date(cell)) return static_cast<double>(day->time_since_epoch().count());
  }
  if (type == FieldType::kTime) {
    if (const auto moment = parse_moment(cell))
      return static_cast<double>(moment->time_since_epoch().count()) / 1000;
  }
  return std::nullopt;
}

void take(const Schema& schema, const Field& field, const FieldValue& value, Values& values) {
  if (const auto word = schema.word(field.name)) values.words[*word] = value.words;
  if (const auto text = schema.text(field.name); text && value.words)
    values.texts[*text] = words_of_text(value.words->front());
  const std::vector<std::string> names = column_names(field);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t column = *schema.column(names[i]);
    if (names.size() == 1 && value.numbers.empty())
      values.numbers[column] = value.number;
    else
      values.numbers[column] = i < value.numbers.size() ? value.numbers[i] : kAbsent;
  }
}

bool is_history(const Domain& domain, const Feature& feature) {
  return std::ranges::any_of(domain.histories, [&](const HistoryFeature& history) {
    return history.of_request() && feature.side == Side::kRequest && history.column == feature.column &&
           history.makes_words() == feature.has_words();
  });
}

Defaults::Defaults(const Schema& schema)
    : values{std::vector<double>(schema.columns().size(), kAbsent), std::vector<Words>(schema.words().size()),
             std::vector<Words>(schema.texts().size())},
      fields(schema.fields().size()) {
  FaultList unheard{{}};  // the domain file's own checks have seen them
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = schema.fields()[i];
    if (!field.preset) continue;
    fields[i] = read_field_value(field, *field.preset, unheard, text);
    take(schema, field, fields[i], values);
  }
}

}  // namespace rankloop::app
