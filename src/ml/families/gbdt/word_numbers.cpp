// Fits, looks up and keeps the numbers of words.
#include "ml/families/gbdt/word_numbers.h"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr double kPrior = 10;  // showings
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kFewestThemselves = 3;  // two are told apart by a number as well
// Sums of 16 bytes that one level of a tree keeps: 64 MB.
constexpr std::size_t kMostSums = std::size_t{1} << 22;

struct Count {
  double picks = 0;
  double showings = 0;
  std::size_t rows = 0;
  float number(double mean) const {
    return static_cast<float>((picks + kPrior * mean) / (showings + kPrior));
  }
  void add(double pick, double weight) {
    picks += pick;
    showings += weight;
    ++rows;
  }
};

using ByCode = std::unordered_map<std::int32_t, Count>;  // codes are ours: nobody chooses them

bool absent(std::span<const std::int32_t> codes) {
  return codes.empty() || codes.front() == kAbsentCode;
}

// What is known of all words at one moment.
class Counts {
 public:
  explicit Counts(std::size_t columns) : columns_(columns) {}

  double mean() const { return all_.showings > 0 ? all_.picks / all_.showings : 0; }
  const ByCode& of(std::size_t column) const { return columns_[column]; }

  float number(std::size_t column, std::span<const std::int32_t> codes) const {
    if (absent(codes)) return kNone;
    float sum = 0;
    for (const std::int32_t code : codes) {
      const auto found = columns_[column].find(code);
      sum += found == columns_[column].end() ? static_cast<float>(mean()) : found->second.number(mean());
    }
    return sum / static_cast<float>(codes.size());
  }

  void add(const LabelledRows& rows, std::size_t row) {
    const auto weight = static_cast<double>(rows.weight(row));
    const double pick = weight * static_cast<double>(rows.labels[row]);
    all_.add(pick, weight);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (const std::int32_t code : rows.codes[c].at(row)) {
        if (code != kAbsentCode) columns_[c][code].add(pick, weight);
      }
    }
  }

 private:
  std::vector<ByCode> columns_;
  Count all_;
};

// The shares of one part's words, each row before its own request counts. Other columns stay none.
void encode_shares(const LabelledRows& rows, const WordWays& ways, Counts& counts, LabelledRows& encoded) {
  std::vector<float> values;
  values.reserve(rows.rows() * (rows.width + ways.size()));
  for (std::size_t first = 0, last = 0; first < rows.rows(); first = last) {
    do {
      const auto numbers = rows.row(last);
      values.insert(values.end(), numbers.begin(), numbers.end());
      for (std::size_t c = 0; c < ways.size(); ++c)
        values.push_back(ways[c] == WordsAs::kShares ? counts.number(c, rows.codes[c].at(last)) : kNone);
      ++last;
    } while (last < rows.rows() && !rows.requests.empty() && rows.requests[last] == rows.requests[first]);
    for (std::size_t row = first; row < last; ++row) counts.add(rows, row);
  }
  encoded.values = std::move(values);
  encoded.width = rows.width + ways.size();
}

// Of one column of a part, the words' own numbers.
void encode_themselves(const LabelledRows& rows, std::size_t column, std::span<const float> by_code,
                       LabelledRows& encoded) {
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const auto codes = rows.codes[column].at(row);
    if (absent(codes)) continue;
    encoded.values[row * encoded.width + rows.width + column] =
        by_code[static_cast<std::size_t>(codes.front())];
  }
}

std::set<std::int32_t> codes_in(const CodeColumn& column) {
  std::set<std::int32_t> found;
  for (std::size_t row = 0; row < column.rows() && found.size() <= WordNumbers::kMostThemselves; ++row) {
    const auto codes = column.at(row);
    if (!absent(codes)) found.insert(codes.front());
  }
  return found;
}

// The codes of a column's most shown words, the most shown ones first.
std::vector<std::int32_t> most_shown(const ByCode& counts) {
  std::vector<std::pair<std::size_t, std::int32_t>> shown;
  for (const auto& [code, count] : counts) shown.emplace_back(count.rows, code);
  std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  shown.resize(std::min(shown.size(), WordNumbers::kMostWords));
  std::vector<std::int32_t> codes;
  for (const auto& [rows, code] : shown) codes.push_back(code);
  return codes;
}

}  // namespace

WordWays words_themselves(const Domain& domain, const LabelledRows& rows, int depth) {
  const FeatureSpace space(domain);
  WordWays ways(rows.codes.size(), WordsAs::kShares);
  std::size_t left = kMostSums >> depth;
  for (std::size_t c = 0; c < ways.size(); ++c) {
    const CodeInput& input = space.codes()[c];
    if (input.pair == nullptr && domain.features[input.feature].kind != FeatureKind::kCode) continue;
    const std::size_t words = codes_in(rows.codes[c]).size();
    if (words < kFewestThemselves || words > std::min(left, WordNumbers::kMostThemselves)) continue;
    left -= words;
    ways[c] = WordsAs::kThemselves;
  }
  return ways;
}

WordNumbers WordNumbers::fit(std::span<const LabelledRows* const> parts, const WordWays& ways,
                             std::span<LabelledRows> encoded) {
  const LabelledRows& rows = *parts.front();
  Counts counts(ways.size());
  for (std::size_t part = 0; part < parts.size(); ++part)
    encode_shares(*parts[part], ways, counts, encoded[part]);
  WordNumbers made;
  made.mean_ = static_cast<float>(counts.mean());
  for (std::size_t c = 0; c < ways.size(); ++c) {
    Column column{.way = ways[c], .numbers = {}};
    if (column.way == WordsAs::kShares) {
      for (const std::int32_t code : most_shown(counts.of(c)))
        column.numbers.emplace(rows.dictionary->word(code), counts.of(c).at(code).number(counts.mean()));
    } else {
      for (const std::int32_t code : codes_in(rows.codes[c]))
        column.numbers.emplace(rows.dictionary->word(code), 0);
      count_off(column);
      std::vector<float> by_code(rows.dictionary->size(), kNone);
      for (const auto& [word, number] : column.numbers)
        by_code[static_cast<std::size_t>(*rows.dictionary->find(word))] = number;
      for (std::size_t part = 0; part < parts.size(); ++part)
        encode_themselves(*parts[part], c, by_code, encoded[part]);
    }
    made.columns_.push_back(std::move(column));
  }
  return made;
}

bool WordNumbers::any_themselves() const {
  return std::ranges::any_of(columns_,
                             [](const Column& column) { return column.way == WordsAs::kThemselves; });
}

// In the order of the words, from 0.
void WordNumbers::count_off(Column& column) {
  float next = 0;
  for (auto& [word, number] : column.numbers) number = next++;
}

float WordNumbers::unknown(const Column& column) const {
  return column.way == WordsAs::kShares ? mean_ : kNone;
}

float WordNumbers::number(std::size_t column, const Words& words) const {
  if (!words || words->empty()) return kNone;
  const Column& known = columns_[column];
  float sum = 0;
  for (const std::string& word : *words) {
    const auto found = known.numbers.find(word);
    sum += found == known.numbers.end() ? unknown(known) : found->second;
  }
  return sum / static_cast<float>(words->size());
}

WordNumbers::Translation::Translation(const WordNumbers& numbers, const Dictionary& dictionary) {
  for (const auto& known : numbers.columns_) {
    Column column{.numbers = {}, .unknown = numbers.unknown(known)};
    column.numbers.assign(dictionary.size(), column.unknown);
    for (const auto& [word, number] : known.numbers) {
      const auto code = dictionary.find(word);
      if (code && static_cast<std::size_t>(*code) < column.numbers.size())
        column.numbers[static_cast<std::size_t>(*code)] = number;
    }
    columns_.push_back(std::move(column));
  }
}

float WordNumbers::Translation::number(std::size_t column, std::span<const std::int32_t> codes) const {
  if (absent(codes)) return kNone;
  const Column& known = columns_[column];
  float sum = 0;
  for (const std::int32_t code : codes) {
    const auto at = static_cast<std::size_t>(code);
    sum += at < known.numbers.size() ? known.numbers[at] : known.unknown;
  }
  return sum / static_cast<float>(codes.size());
}

void WordNumbers::write(ByteWriter& writer) const {
  writer.put(mean_);
  const bool only_shares = !any_themselves();
  for (const Column& column : columns_) {
    if (!only_shares) writer.put(static_cast<std::uint32_t>(column.way));
    writer.put(static_cast<std::uint32_t>(column.numbers.size()));
    for (const auto& [word, number] : column.numbers) {
      writer.put(std::string_view{word});
      if (column.way == WordsAs::kShares) writer.put(number);
    }
  }
}

WordNumbers WordNumbers::read(ByteReader& reader, std::size_t columns, bool only_shares, bool& sound) {
  const auto is_share = [](float number) { return number >= 0 && number <= 1; };
  WordNumbers made;
  made.mean_ = reader.get_float();
  sound = sound && reader.ok() && is_share(made.mean_);
  for (std::size_t c = 0; sound && c < columns; ++c) {
    Column column;
    if (!only_shares) {
      const std::uint32_t way = reader.get_number();
      sound = way <= static_cast<std::uint32_t>(WordsAs::kThemselves);
      column.way = static_cast<WordsAs>(way);
    }
    const bool shares = column.way == WordsAs::kShares;
    const std::uint32_t count = reader.get_number();
    sound = sound && reader.ok() && count <= (shares ? kMostWords : kMostThemselves);
    for (std::uint32_t w = 0; sound && w < count; ++w) {
      const std::string_view word = reader.get_text();
      const float number = shares ? reader.get_float() : 0;
      sound = reader.ok() && is_share(number) && column.numbers.emplace(word, number).second;
    }
    if (!shares) count_off(column);
    made.columns_.push_back(std::move(column));
  }
  return made;
}

}  // namespace rankloop::ml
