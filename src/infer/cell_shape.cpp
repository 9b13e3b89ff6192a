// Looks at single cells with the same readers that an import uses.
#include "infer/cell_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/calendar.h"
#include "domain/strict_json.h"
#include "domain/table_cells.h"

namespace rankloop::infer {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestNumber = 64;
constexpr std::string_view kDigits = "0123456789";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool has_leading_zero(std::string_view cell) {
  return cell.size() > 1 && cell[0] == '0' && std::all_of(cell.begin(), cell.end(), is_digit);
}

bool is_date(std::string_view cell) {
  for (const std::string_view midnight : {" 00:00:00", "T00:00:00"}) {
    if (cell.ends_with(midnight)) cell.remove_suffix(midnight.size());
  }
  return parse_date(cell).has_value();
}

bool is_naive_moment(std::string_view cell) {
  if (cell.size() < 16 || cell.size() > 32 || cell[4] != '-') return false;
  return parse_moment(std::string{cell} + "Z") || parse_moment(std::string{cell} + ":00Z");
}

// Days in forms of other countries, which nobody can tell apart for sure.
bool is_other_date(std::string_view cell) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  if (cell.size() < 6 || cell.size() > 32) return false;
  const auto digits = std::count_if(cell.begin(), cell.end(), is_digit);
  const auto marks =
      std::count_if(cell.begin(), cell.end(), [](char c) { return c == '/' || c == '.' || c == '-'; });
  const std::size_t begin = cell.find_first_not_of(kDigits);
  if (begin == std::string_view::npos) return false;
  const std::size_t day = cell.find_first_of(" T");
  const std::string_view first = cell.substr(0, day);
  if (begin >= 1 && begin <= 4 && marks >= 2 &&
      first.find_first_not_of("0123456789/.-") == std::string_view::npos)
    return first.size() >= 6 && first.size() <= 10 && is_digit(first.back());
  std::string small;
  for (const char c : cell) small += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const bool month = std::any_of(kMonths.begin(), kMonths.end(), [&](std::string_view name) {
    const std::size_t at = small.find(name);
    return at != std::string::npos && (at == 0 || !is_letter(small[at - 1]));
  });
  return month && digits >= 3 && digits <= 14;
}

// What is left of "$1,200.50", "EUR 12", "80 %" and "3 km" is a number; "No 1" is a name.
bool is_decorated(std::string_view cell) {
  if (cell.empty() || cell.size() > kLongestNumber) return false;
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (cell.size() > 4 && cell[3] == ' ' && std::all_of(cell.begin(), cell.begin() + 3, is_capital))
    cell.remove_prefix(4);
  std::string rest;
  for (const char c : cell) {
    const bool around = std::string_view{"$%, '"}.find(c) != std::string_view::npos;
    if (!around && static_cast<unsigned char>(c) < 0x80) rest += c;
  }
  std::size_t letters = 0;
  while (!rest.empty() && is_letter(rest.back())) rest.pop_back(), ++letters;
  return letters <= 4 && cell_number(rest).has_value();
}

bool are_degrees(const std::vector<double>& numbers) {
  return numbers.size() == 2 && std::abs(numbers[0]) <= 90 && std::abs(numbers[1]) <= 180;
}

void look_at_brackets(std::string_view cell, CellShape& shape) {
  const auto value = parse_strict_json(cell);
  if (cell.front() == '{') {
    shape.object = value && value->is_object();
    const json::object* object = shape.object ? &value->get_object() : nullptr;
    if (object == nullptr || object->size() > 3) return;
    const auto degree = [&](std::string_view name, double most) {
      const json::value* member = object->if_contains(name);
      return member != nullptr && member->is_number() && std::abs(member->to_number<double>()) <= most;
    };
    shape.place_named = degree("lat", 90) && degree("lon", 180);
    return;
  }
  shape.word_list = words_in_json(cell).has_value();
  shape.broken_list = !value;
}

}  // namespace

std::optional<std::vector<std::string>> words_in_json(std::string_view cell) {
  const auto value = parse_strict_json(cell);
  const json::array* list = value ? value->if_array() : nullptr;
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> words;
  for (const json::value& each : *list) {
    if (!each.is_string()) return std::nullopt;
    words.emplace_back(each.get_string());
  }
  return words;
}

std::optional<NumbersInCell> numbers_in(std::string_view cell) {
  constexpr std::string_view kBetween = "[]; ,\t";
  if (cell.find_first_of(kBetween) == std::string_view::npos) return std::nullopt;
  NumbersInCell found;
  found.brackets = cell.front() == '[';
  for (std::size_t at = cell.find_first_not_of(kBetween); at != std::string_view::npos;) {
    const std::size_t end = std::min(cell.find_first_of(kBetween, at), cell.size());
    const std::string_view part = cell.substr(at, end - at);
    const auto number = part.size() <= kLongestNumber ? cell_number(part) : std::nullopt;
    if (!number) return std::nullopt;
    found.whole &= part.find_first_not_of("+-0123456789") == std::string_view::npos;
    found.numbers.push_back(*number);
    at = cell.find_first_not_of(kBetween, end);
  }
  found.is_int_list = found.whole && cell_list(cell).has_value();
  return found;
}

CellShape shape_of(std::string_view cell) {
  CellShape shape;
  if (cell.empty()) return shape;
  if (cell.size() <= kLongestNumber) {
    shape.number = cell_number(cell);
    shape.flag = cell_flag(cell);
  }
  if (shape.number) {
    shape.whole = std::trunc(*shape.number) == *shape.number;
    shape.pointed = cell.find_first_of(".eE") != std::string_view::npos;
    shape.leading_zero = has_leading_zero(cell);
    return shape;
  }
  if (cell.front() == '{' || cell.front() == '[') look_at_brackets(cell, shape);
  if (shape.object || shape.word_list) return shape;
  shape.date = is_date(cell);
  shape.moment = !shape.date && cell.size() <= kLongestNumber && parse_moment(cell).has_value();
  shape.naive_moment = !shape.date && !shape.moment && is_naive_moment(cell);
  const bool moment = shape.date || shape.moment || shape.naive_moment;
  shape.other_date = !moment && is_other_date(cell);
  shape.decorated = !moment && !shape.other_date && is_decorated(cell);
  if (const auto numbers = numbers_in(cell)) shape.place = are_degrees(numbers->numbers);
  return shape;
}

CellShape shape_of(std::string_view cell, CellKind kind) {
  CellShape shape = shape_of(cell);
  if (kind == CellKind::kTable) return shape;
  if (kind != CellKind::kFlag) shape.flag.reset();
  if (kind == CellKind::kList) shape.place = false;
  if (kind != CellKind::kText) return shape;
  CellShape text;
  text.date = shape.date;
  text.moment = shape.moment;
  text.naive_moment = shape.naive_moment;
  text.other_date = shape.other_date;
  text.decorated = shape.decorated;
  return text;
}

}  // namespace rankloop::infer
