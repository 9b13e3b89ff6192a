// Headers of tables: separators and names.
#include "tables/header.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "domain/closest_name.h"
#include "domain/utf8.h"

namespace rankloop::tables {
namespace {

constexpr std::size_t kShownBytes = 80;
constexpr std::size_t kMostColumns = 4'096;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string in_quotes(std::string_view name) {
  std::string text = "'" + std::string{utf8_prefix(name, kShownBytes)} + "'";
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

std::string_view name_of_separator(char separator) {
  const auto found = std::find(kSeparators.begin(), kSeparators.end(), separator);
  return kSeparatorNames[static_cast<std::size_t>(found - kSeparators.begin() + 1) % kSeparatorNames.size()];
}

std::optional<char> separator_named(std::string_view name) {
  if (name == kSeparatorNames.front()) return '\0';
  for (const char separator : kSeparators) {
    if (name == name_of_separator(separator) || name == std::string_view{&separator, 1}) return separator;
  }
  return std::nullopt;
}

char separator_of(DelimitedReader& reader, std::span<const std::string_view> known) {
  const char expected = reader.delimiter();
  const bool several = reader.cells().size() > 1;
  const auto known_cells = [&] {
    return std::count_if(reader.cells().begin(), reader.cells().end(), [&](std::string_view cell) {
      return std::find(known.begin(), known.end(), trimmed(cell)) != known.end();
    });
  };
  // How many names are known by it; then whether it separates where the expected one does not.
  using Merit = std::tuple<std::ptrdiff_t, bool>;
  Merit best{known_cells(), several};
  char separator = expected;
  for (const char other : kSeparators) {
    reader.read_again(other);
    const Merit merit{known_cells(), several || reader.cells().size() > 1};
    if (merit <= best) continue;
    best = merit;
    separator = other;
  }
  reader.read_again(separator);
  return separator;
}

char separator_of(std::string_view text, char expected) {
  DelimitedReader reader{text, expected};
  return reader.next() ? separator_of(reader, {}) : expected;
}

Result<std::vector<std::string>> header_names(const DelimitedReader& reader) {
  const auto fault = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  if (!reader.fault().empty()) return fault(std::string{reader.fault()});
  if (reader.cells().size() > kMostColumns) {
    return fault("the header has " + std::to_string(reader.cells().size()) + " columns; allowed are up to " +
                 std::to_string(kMostColumns));
  }
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (const std::string_view cell : reader.cells()) {
    if (cell.find_first_of("\r\n") != std::string_view::npos) {
      return fault("the name " + in_quotes(cell) +
                   " of a column goes over several lines; is there a quote too many in the header?");
    }
    const std::string_view name = trimmed(cell);
    if (!seen.insert(name).second && !name.empty())
      return fault("the column " + in_quotes(name) + " stands there twice");
    names.emplace_back(name);
  }
  return names;
}

bool repeats(std::span<const std::string> header, std::span<const std::string_view> cells) {
  return header.size() > 1 &&
         std::equal(header.begin(), header.end(), cells.begin(), cells.end(),
                    [](std::string_view name, std::string_view cell) { return trimmed(cell) == name; });
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 30;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += (i > 0 ? ", " : "") + in_quotes(names[i]);
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

std::string nearest_columns(const std::vector<std::string>& missing, const std::vector<std::string>& header) {
  std::vector<std::string_view> candidates;
  for (const std::string& name : header) {
    if (name.size() <= kShownBytes) candidates.push_back(name);
  }
  std::string text;
  constexpr std::size_t kMostSuggestions = 5;
  for (const std::string& name : std::span{missing}.first(std::min(missing.size(), kMostSuggestions))) {
    if (const auto nearest = closest_name(name, candidates)) {
      text += (text.empty() ? ", did you mean " : ", ") + in_quotes(name) + " for " + in_quotes(*nearest);
    }
  }
  return text.empty() ? "." : text + "?";
}

}  // namespace rankloop::tables
