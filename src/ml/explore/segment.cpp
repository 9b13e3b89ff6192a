// Which requests explore, where not all of them do.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "ml/explore/exploration.h"

namespace rankloop::ml {
namespace {

Error refused(std::string_view text, const std::string& why) {
  return {ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is no segment of requests: " + why +
                                           "; allowed is field=value, of a field of numbers, flags or words"};
}

std::optional<double> number_of(FieldType type, std::string_view value) {
  if (type == FieldType::kBool) {
    if (value == "true") return 1;
    if (value == "false") return 0;
    return std::nullopt;
  }
  double number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc{} || read.ptr != value.data() + value.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

}  // namespace

bool Segment::holds(const ValuesView& request) const {
  if (!is_word) return column < request.numbers.size() && request.numbers[column] == number;
  if (column >= request.words.size() || !request.words[column]) return false;
  return std::ranges::find(*request.words[column], word) != request.words[column]->end();
}

Result<Segment> parse_segment(std::string_view text, const Schema& requests) {
  const auto sign = text.find('=');
  if (sign == std::string_view::npos) return refused(text, "it has no '='");
  const std::string_view name = text.substr(0, sign);
  const std::string_view value = text.substr(sign + 1);
  const Field* const field = requests.field(name);
  if (field == nullptr) return refused(text, "requests have no field '" + std::string(name) + "'");
  Segment segment{.text = std::string(text)};
  if (const auto word = requests.word(name)) {
    const auto& known = field->values;
    if (!known.empty() && std::ranges::find(known, value) == known.end()) {
      return refused(text, "'" + std::string(value) + "' is no word of '" + std::string(name) + "'");
    }
    segment.is_word = true;
    segment.column = *word;
    segment.word = value;
    return segment;
  }
  const auto column = requests.column(name);
  const bool counts =
      field->type == FieldType::kInt || field->type == FieldType::kFloat || field->type == FieldType::kBool;
  if (!column || !counts) return refused(text, "'" + std::string(name) + "' is of another type");
  const auto number = number_of(field->type, value);
  if (!number)
    return refused(text, "'" + std::string(value) + "' is no value of '" + std::string(name) + "'");
  segment.column = *column;
  segment.number = *number;
  return segment;
}

}  // namespace rankloop::ml
