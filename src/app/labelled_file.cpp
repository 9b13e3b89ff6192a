#include "app/labelled_file.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/row_reader.h"
#include "ml/feature_maker.h"

namespace rankloop::app {
namespace {

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

std::optional<float> read_number(std::string_view cell) {
  if (cell.empty()) return kAbsent;
  if (cell == "true") return 1.0F;
  if (cell == "false") return 0.0F;
  float value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || value - value != 0) return std::nullopt;
  return value;
}

class LabelledReader {
 public:
  LabelledReader(std::string_view text, std::string_view file_name, const Domain& domain, bool crosses)
      : reader_(text, file_name.ends_with(".csv") ? ',' : '\t'),
        file_(file_name),
        domain_(domain),
        item_columns_(domain.items.columns().size()),
        maker_(domain, all_columns(), crosses) {}

  Result<ml::LabelledRows> read() {
    if (Status header = read_header(); !header) return header.error();
    rows_.features = maker_.width();
    while (reader_.next() && reader_.closed()) {
      if (reader_.cells().size() == 1 && reader_.cells().front().empty()) continue;  // an empty line
      if (Status row = read_row(); !row) return row.error();
    }
    if (!reader_.closed()) return fault("a quoted cell is never closed");
    if (rows_.rows() == 0) return fault("there are no rows");
    return together();
  }

 private:
  std::span<const std::size_t> all_columns() {
    std::iota(item_columns_.begin(), item_columns_.end(), std::size_t{0});
    return item_columns_;
  }

  Error fault(const std::string& what) const {
    return {
        ErrorCode::kInvalidArgument,
        std::string{file_} + ":" + std::to_string(std::max<std::size_t>(reader_.line(), 1)) + ": " + what};
  }

  // Where in a row the value of a column of either side stands.
  struct Source {
    std::size_t cell = 0;
    Side side = Side::kItem;
    std::size_t column = 0;
    std::string_view name;
  };

  std::optional<std::size_t> cell_of(std::string_view name) const {
    const auto at = names_.find(std::string{name});
    return at == names_.end() ? std::nullopt : std::optional(at->second);
  }

  Status read_header() {
    if (!reader_.next()) return fault("the file is empty; its first line must name the columns");
    for (std::size_t i = 0; i < reader_.cells().size(); ++i) {
      const auto [at, first] = names_.emplace(std::string{reader_.cells()[i]}, i);
      if (!first) return fault("the column '" + at->first + "' stands there twice");
    }
    columns_ = reader_.cells().size();
    std::string missing;
    const auto miss = [&](std::string_view name) {
      missing += (missing.empty() ? "" : ", ") + std::string{name};
    };
    for (const Feature& feature : domain_.features) {
      if (const auto cell = cell_of(feature.name)) {
        sources_.push_back({*cell, feature.side, feature.column, feature.name});
      } else {
        miss(feature.name);
      }
    }
    label_ = cell_of("label").value_or(columns_);
    if (label_ == columns_) miss("label");
    if (!missing.empty()) return fault("these columns are missing: " + missing);
    for (const Cross& cross : domain_.crosses) {
      add_plain(Side::kRequest, cross.request_column, domain_.requests.columns()[cross.request_column]);
      add_plain(Side::kItem, cross.item_column, domain_.items.columns()[cross.item_column]);
    }
    request_ = cell_of("request");
    weight_ = cell_of("weight");
    item_ = cell_of(domain_.item_id_field);
    return {};
  }

  // The column of a field that no feature shows.
  void add_plain(Side side, std::size_t column, std::string_view name) {
    const auto known = [&](const Source& source) { return source.side == side && source.column == column; };
    if (std::any_of(sources_.begin(), sources_.end(), known)) return;
    if (const auto cell = cell_of(name)) sources_.push_back({*cell, side, column, name});
  }

  Error bad_cell(std::string_view column, std::string_view value, std::string_view allowed) const {
    return fault("column '" + std::string{column} + "' has '" + std::string{value} + "'; allowed is " +
                 std::string{allowed});
  }

  Status read_row() {
    const auto& cells = reader_.cells();
    if (cells.size() != columns_) {
      return fault("there are " + std::to_string(cells.size()) + " cells, the header has " +
                   std::to_string(columns_));
    }
    std::vector<double> request(domain_.requests.columns().size(), static_cast<double>(kAbsent));
    std::vector<float> item(item_columns_.size(), kAbsent);
    for (const Source& source : sources_) {
      const auto value = read_number(cells[source.cell]);
      if (!value) return bad_cell(source.name, cells[source.cell], "a number, true or false");
      if (source.side == Side::kItem) {
        item[source.column] = *value;
      } else {
        request[source.column] = static_cast<double>(*value);
      }
    }
    const auto label = read_number(cells[label_]);
    if (!label || !(*label >= 0 && *label <= 1))
      return bad_cell("label", cells[label_], "0, 1 or a share between");
    maker_.append(request, item, rows_.values);
    rows_.labels.push_back(*label);
    return read_optional(cells);
  }

  Status read_optional(const std::vector<std::string_view>& cells) {
    if (weight_) {
      const auto weight = read_number(cells[*weight_]);
      if (!weight || !(*weight > 0)) return bad_cell("weight", cells[*weight_], "a number above 0");
      rows_.weights.push_back(*weight);
    }
    if (item_) {
      std::int64_t id = 0;
      const std::string_view cell = cells[*item_];
      const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), id);
      if (error != std::errc{} || end != cell.data() + cell.size()) {
        return bad_cell(domain_.item_id_field, cell, "a whole number");
      }
      rows_.items.push_back({id});
    }
    if (request_) {
      const auto number = static_cast<std::int64_t>(requests_.size());
      rows_.requests.push_back(requests_.emplace(std::string{cells[*request_]}, number).first->second);
    }
    return {};
  }

  // Brings the rows of each request together, requests in the order of their first rows.
  ml::LabelledRows together() {
    if (std::is_sorted(rows_.requests.begin(), rows_.requests.end())) return std::move(rows_);
    std::vector<std::size_t> order(rows_.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rows_.requests[a] < rows_.requests[b]; });
    ml::LabelledRows sorted;
    sorted.features = rows_.features;
    for (const std::size_t r : order) {
      const auto values = rows_.row(r);
      sorted.values.insert(sorted.values.end(), values.begin(), values.end());
      sorted.labels.push_back(rows_.labels[r]);
      sorted.requests.push_back(rows_.requests[r]);
      if (!rows_.weights.empty()) sorted.weights.push_back(rows_.weights[r]);
      if (!rows_.items.empty()) sorted.items.push_back(rows_.items[r]);
    }
    return sorted;
  }

  DelimitedReader reader_;
  const std::string_view file_;
  const Domain& domain_;
  std::vector<std::size_t> item_columns_;
  const ml::FeatureMaker maker_;
  std::size_t columns_ = 0;
  std::size_t label_ = 0;
  std::optional<std::size_t> request_;
  std::optional<std::size_t> weight_;
  std::optional<std::size_t> item_;
  std::vector<Source> sources_;
  std::unordered_map<std::string, std::size_t> names_;
  std::unordered_map<std::string, std::int64_t> requests_;
  ml::LabelledRows rows_;
};

}  // namespace

Result<ml::LabelledRows> read_labelled(std::string_view text, std::string_view file_name,
                                       const Domain& domain, bool crosses) {
  return LabelledReader(text, file_name, domain, crosses).read();
}

}  // namespace rankloop::app
