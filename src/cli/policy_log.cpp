// Reads a log row by row and hands its lists to the sums.
#include "cli/policy_log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/table_options.h"
#include "domain/table_cells.h"
#include "ml/random_numbers.h"
#include "tables/byte_source.h"
#include "tables/header.h"
#include "tables/row_reader.h"
#include "tables/text.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kLongestList = 10'000;
const std::array<std::string_view, 13> kColumns = {
    "request",        "propensity", "reward",       "target",      "position", "person",         "predicted",
    "predicted_mean", "joint",      "joint_target", "examination", "examined", "examined_target"};
enum Column : std::size_t {
  kRequest,
  kPropensity,
  kReward,
  kTarget,
  kPosition,
  kPerson,
  kPredicted,
  kPredictedMean,
  kJoint,
  kJointTarget,
  kExamination,
  kExamined,
  kExaminedTarget,
};
constexpr std::size_t kNeeded = 4;  // of them

class LogReader {
 public:
  LogReader(const std::string& file, std::unique_ptr<tables::ByteSource> text)
      : file_(file), reader_(std::move(text), unpacked_name(file).ends_with(".csv") ? ',' : '\t') {}

  Result<ml::PolicyLogParts> read_header();
  Status read(ml::PolicyValue& value, const std::function<void(double)>& progress);

 private:
  struct Row {
    ml::LoggedItem item;
    std::int64_t position = 0;
  };

  Error at(std::size_t line, std::string_view what) const {
    return {ErrorCode::kInvalidArgument, file_ + ":" + std::to_string(line) + ": " + std::string{what}};
  }
  Error bad_cell(Column column, std::string_view allowed) const {
    return at(reader_.line(), "column '" + std::string{kColumns[column]} + "': '" +
                                  std::string{cell(column)} + "' is not allowed; needed is " +
                                  std::string{allowed});
  }
  bool has(Column column) const { return places_[column].has_value(); }
  std::string_view cell(Column column) const { return reader_.cells()[*places_[column]]; }
  Status read_row(ml::PolicyValue& value);
  Status read_item(ml::LoggedItem& item) const;
  Status read_number(Column column, double low, double high, std::string_view allowed, double& number) const;
  // Of what was shown; smaller ones than `least` are none of anything that was.
  Status read_chance(Column column, double least, double& number) const;
  Status read_target(Column column, double& number) const;
  Status read_examination(ml::LoggedItem& item) const;
  Status end_list(ml::PolicyValue& value);
  Status check_together();

  const std::string& file_;
  tables::DelimitedReader reader_;
  std::size_t columns_ = 0;
  std::array<std::optional<std::size_t>, kColumns.size()> places_;
  std::string request_;  // whose rows are being read
  std::size_t person_ = 0;
  std::vector<Row> rows_;
  std::vector<ml::LoggedItem> list_;
  std::map<std::string, std::size_t, std::less<>> people_;
  std::vector<std::pair<std::uint64_t, std::size_t>> seen_;  // a request's hash and first line
};

Result<ml::PolicyLogParts> LogReader::read_header() {
  if (!reader_.next()) {
    return at(1, "the file is empty; needed is a header with request, propensity, reward and target");
  }
  reader_.read_again(tables::separator_of(reader_, kColumns));
  const Result<std::vector<std::string>> names = tables::header_names(reader_);
  if (!names) return at(reader_.line(), names.error().message);
  columns_ = names->size();
  std::vector<std::string> missing;
  for (std::size_t column = 0; column < kColumns.size(); ++column) {
    const auto found = std::find(names->begin(), names->end(), kColumns[column]);
    if (found != names->end()) places_[column] = static_cast<std::size_t>(found - names->begin());
    if (found == names->end() && column < kNeeded) missing.emplace_back(kColumns[column]);
  }
  if (!missing.empty()) {
    return at(reader_.line(), "the header has no column " + tables::listed(missing) +
                                  tables::nearest_columns(missing, *names));
  }
  for (const auto& [one, other] :
       {std::pair{kPredicted, kPredictedMean}, std::pair{kJoint, kJointTarget},
        std::pair{kExamined, kExaminedTarget}, std::pair{kExamined, kExamination}}) {
    if (has(one) == has(other)) continue;
    return at(reader_.line(), "the columns '" + std::string{kColumns[one]} + "' and '" +
                                  std::string{kColumns[other]} + "' go together; one of them is missing");
  }
  return ml::PolicyLogParts{.joint = has(kJoint), .predicted = has(kPredicted), .examined = has(kExamined)};
}

Status LogReader::read(ml::PolicyValue& value, const std::function<void(double)>& progress) {
  while (reader_.next()) {
    if (!reader_.fault().empty()) return at(reader_.line(), reader_.fault());
    if (Status row = read_row(value); !row) return row;
    if (progress) progress(static_cast<double>(reader_.taken()));
  }
  if (!reader_.status()) return reader_.status();
  if (Status last = end_list(value); !last) return last;
  return check_together();
}

Status LogReader::read_row(ml::PolicyValue& value) {
  if (reader_.cells().size() != columns_) {
    return at(reader_.line(), "the row has " + std::to_string(reader_.cells().size()) +
                                  " cells; the header names " + std::to_string(columns_) + " columns");
  }
  if (cell(kRequest).empty()) return bad_cell(kRequest, "any text that is not empty");
  const bool begins = rows_.empty() || cell(kRequest) != request_;
  if (begins) {
    if (Status list = end_list(value); !list) return list;
    request_ = cell(kRequest);
    seen_.emplace_back(ml::hash_text(request_), reader_.line());
  }
  const std::string_view name = has(kPerson) ? cell(kPerson) : request_;
  const std::size_t person =
      has(kPerson) ? people_.try_emplace(std::string{name}, people_.size()).first->second : seen_.size() - 1;
  if (!begins && person != person_) return bad_cell(kPerson, "the same person in all rows of a request");
  person_ = person;
  Row row;
  row.position = static_cast<std::int64_t>(rows_.size()) + 1;
  if (has(kPosition)) {
    const auto position = cell_number(cell(kPosition));
    if (!position || *position < 1 || *position > kLongestList || *position != std::floor(*position))
      return bad_cell(kPosition, "a whole number from 1 to " + std::to_string(kLongestList));
    row.position = static_cast<std::int64_t>(*position);
  }
  if (Status item = read_item(row.item); !item) return item;
  if (rows_.size() == kLongestList)
    return at(reader_.line(), "the request has more than " + std::to_string(kLongestList) + " rows");
  rows_.push_back(row);
  return {};
}

Status LogReader::read_item(ml::LoggedItem& item) const {
  constexpr double kMost = 1e12;
  constexpr std::string_view kAmount = "a number from -1e12 to 1e12";
  constexpr double kLeast = 1e-12;
  constexpr double kLeastTogether = 1e-300;  // many draws from many items
  if (Status read = read_number(kReward, -kMost, kMost, kAmount, item.reward); !read) return read;
  if (Status read = read_chance(kPropensity, kLeast, item.propensity); !read) return read;
  if (Status read = read_target(kTarget, item.target); !read) return read;
  if (has(kJoint)) {
    if (Status read = read_chance(kJoint, kLeastTogether, item.joint); !read) return read;
    if (Status read = read_target(kJointTarget, item.joint_target); !read) return read;
  }
  if (has(kExamined)) {
    if (Status read = read_examination(item); !read) return read;
  }
  if (!has(kPredicted)) return {};
  if (Status read = read_number(kPredicted, -kMost, kMost, kAmount, item.predicted); !read) return read;
  return read_number(kPredictedMean, -kMost, kMost, kAmount, item.predicted_mean);
}

// Relative to some position, so they may lie above 1.
Status LogReader::read_examination(ml::LoggedItem& item) const {
  constexpr double kLeast = 1e-12;
  constexpr double kMost = 1e6;
  constexpr std::string_view kAllowed = "a number above 0, up to 1e6";
  if (Status read = read_number(kExamination, kLeast, kMost, kAllowed, item.examination); !read) return read;
  if (Status read = read_number(kExamined, kLeast, kMost, kAllowed, item.examined); !read) return read;
  return read_number(kExaminedTarget, 0, kMost, "a number from 0 to 1e6", item.examined_target);
}

Status LogReader::read_number(Column column, double low, double high, std::string_view allowed,
                              double& number) const {
  const auto read = cell_number(cell(column));
  if (!read || *read < low || *read > high) return bad_cell(column, allowed);
  number = *read;
  return {};
}

Status LogReader::read_chance(Column column, double least, double& number) const {
  return read_number(column, least, 1, "a probability above 0, up to 1", number);
}

Status LogReader::read_target(Column column, double& number) const {
  return read_number(column, 0, 1, "a probability from 0 to 1", number);
}

Status LogReader::end_list(ml::PolicyValue& value) {
  if (rows_.empty()) return {};
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const Row& a, const Row& b) { return a.position < b.position; });
  list_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i > 0 && rows_[i].position == rows_[i - 1].position) {
      return at(seen_.back().second, "request '" + request_ + "' has the position " +
                                         std::to_string(rows_[i].position) + " twice; allowed is once");
    }
    list_.push_back(rows_[i].item);
  }
  value.add(list_, person_);
  rows_.clear();
  return {};
}

Status LogReader::check_together() {
  std::sort(seen_.begin(), seen_.end());
  const auto twice = std::adjacent_find(seen_.begin(), seen_.end(),
                                        [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice == seen_.end()) return {};
  return at(std::next(twice)->second, "rows of the request that begins at line " +
                                          std::to_string(twice->second) +
                                          " come again here; the rows of a request must stand together");
}

}  // namespace

Result<ml::PolicyValue> read_policy_log(const std::string& file, const PolicyLogReading& reading) {
  const auto bytes = tables::Bytes::of_file(file);
  if (!bytes) return bytes.error();
  auto text = tables::open_text(*bytes, {});
  if (!text) return text.error();
  LogReader reader{file, std::move(text->source)};
  const auto parts = reader.read_header();
  if (!parts) return parts.error();
  ml::PolicyValue value{*parts, reading.clip};
  std::function<void(double)> progress;
  if (reading.progress) {
    progress = [&](double read) { reading.progress(read, static_cast<double>(bytes->size())); };
  }
  if (Status read = reader.read(value, progress); !read) return read.error();
  return value;
}

}  // namespace rankloop::cli
