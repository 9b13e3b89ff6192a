// Fits, looks up and keeps target statistics.
#include "ml/families/gbdt/target_statistics.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace rankloop::ml {
namespace {

constexpr double kPrior = 10;  // showings
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

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

// What is known of all words at one moment.
class Counts {
 public:
  explicit Counts(std::size_t columns) : columns_(columns) {}

  double mean() const { return all_.showings > 0 ? all_.picks / all_.showings : 0; }
  const std::unordered_map<std::int32_t, Count>& of(std::size_t column) const { return columns_[column]; }

  float number(std::size_t column, std::span<const std::int32_t> codes) const {
    if (codes.empty() || codes.front() == kAbsentCode) return kNone;
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
  std::vector<std::unordered_map<std::int32_t, Count>> columns_;  // codes are ours: nobody chooses them
  Count all_;
};

// The numbers of one part's words, each row before its own request counts.
void encode(const LabelledRows& rows, Counts& counts, LabelledRows& encoded) {
  const std::size_t columns = rows.codes.size();
  std::vector<float> values;
  values.reserve(rows.rows() * (rows.width + columns));
  for (std::size_t first = 0, last = 0; first < rows.rows(); first = last) {
    do {
      const auto numbers = rows.row(last);
      values.insert(values.end(), numbers.begin(), numbers.end());
      for (std::size_t c = 0; c < columns; ++c) values.push_back(counts.number(c, rows.codes[c].at(last)));
      ++last;
    } while (last < rows.rows() && !rows.requests.empty() && rows.requests[last] == rows.requests[first]);
    for (std::size_t row = first; row < last; ++row) counts.add(rows, row);
  }
  encoded.values = std::move(values);
  encoded.width = rows.width + columns;
}

}  // namespace

TargetStatistics TargetStatistics::fit(std::span<const LabelledRows* const> parts,
                                       std::span<LabelledRows> encoded) {
  const LabelledRows& rows = *parts.front();
  Counts counts(rows.codes.size());
  for (std::size_t part = 0; part < parts.size(); ++part) encode(*parts[part], counts, encoded[part]);
  TargetStatistics statistics;
  statistics.mean_ = static_cast<float>(counts.mean());
  for (std::size_t c = 0; c < rows.codes.size(); ++c) {
    std::vector<std::pair<std::size_t, std::int32_t>> shown;
    for (const auto& [code, count] : counts.of(c)) shown.emplace_back(count.rows, code);
    std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    shown.resize(std::min(shown.size(), kMostWords));
    Column column;
    for (const auto& [rows_of, code] : shown) {
      column.emplace(rows.dictionary->word(code), counts.of(c).at(code).number(counts.mean()));
    }
    statistics.columns_.push_back(std::move(column));
  }
  return statistics;
}

float TargetStatistics::number(std::size_t column, const Words& words) const {
  if (!words || words->empty()) return kNone;
  float sum = 0;
  for (const std::string& word : *words) {
    const auto found = columns_[column].find(word);
    sum += found == columns_[column].end() ? mean_ : found->second;
  }
  return sum / static_cast<float>(words->size());
}

TargetStatistics::Translation::Translation(const TargetStatistics& statistics, const Dictionary& dictionary)
    : unknown_(statistics.mean_) {
  for (const Column& column : statistics.columns_) {
    std::vector<float> numbers(dictionary.size(), unknown_);
    for (const auto& [word, number] : column) {
      const auto code = dictionary.find(word);
      if (code && static_cast<std::size_t>(*code) < numbers.size())
        numbers[static_cast<std::size_t>(*code)] = number;
    }
    columns_.push_back(std::move(numbers));
  }
}

float TargetStatistics::Translation::number(std::size_t column, std::span<const std::int32_t> codes) const {
  if (codes.empty() || codes.front() == kAbsentCode) return kNone;
  float sum = 0;
  for (const std::int32_t code : codes) {
    const auto at = static_cast<std::size_t>(code);
    sum += at < columns_[column].size() ? columns_[column][at] : unknown_;
  }
  return sum / static_cast<float>(codes.size());
}

void TargetStatistics::write(ByteWriter& writer) const {
  writer.put(mean_);
  for (const Column& column : columns_) {
    writer.put(static_cast<std::uint32_t>(column.size()));
    for (const auto& [word, number] : column) {
      writer.put(std::string_view{word});
      writer.put(number);
    }
  }
}

TargetStatistics TargetStatistics::read(ByteReader& reader, std::size_t columns, bool& sound) {
  const auto is_share = [](float number) { return number >= 0 && number <= 1; };
  TargetStatistics statistics;
  statistics.mean_ = reader.get_float();
  sound = sound && reader.ok() && is_share(statistics.mean_);
  for (std::size_t c = 0; sound && c < columns; ++c) {
    const std::uint32_t count = reader.get_number();
    sound = reader.ok() && count <= kMostWords;
    Column column;
    for (std::uint32_t w = 0; sound && w < count; ++w) {
      const std::string_view word = reader.get_text();
      const float number = reader.get_float();
      sound = reader.ok() && is_share(number) && column.emplace(word, number).second;
    }
    statistics.columns_.push_back(std::move(column));
  }
  return statistics;
}

}  // namespace rankloop::ml
