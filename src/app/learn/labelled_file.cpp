// Reads a labelled file into rows, with every fault of its lines.
#include "app/learn/labelled_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "app/row_reader.h"
#include "domain/calendar.h"
#include "domain/derivation.h"
#include "domain/field_value.h"
#include "domain/table_cells.h"
#include "ml/feature_space.h"
#include "ml/feature_value.h"

namespace rankloop::app {
namespace {

// Where in a row the value of a column, or of a list, of either side stands.
struct Source {
  std::size_t cell = 0;
  Side side = Side::kItem;
  std::size_t column = 0;  // of the side's columns; of a list, among its fields; of a text, among its words
  const Field* field = nullptr;  // none: a derived field
  std::string_view name;
  bool is_text() const { return field != nullptr && field->type == FieldType::kString; }
  bool is_list() const { return field != nullptr && field->type == FieldType::kIntList; }
};

// A derived field that the file does not bring, but all that it is made of.
struct Derived {
  Side side = Side::kItem;
  const DerivedField* field = nullptr;
  std::size_t column = 0;
  std::size_t left = 0;  // of a list, among the side's fields
  std::size_t right = 0;
};

// The number of a cell as the store would keep it. Nothing when it is none.
std::optional<double> read_number(std::string_view cell, const Field* field = nullptr) {
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

// What the columns and lists of a side hold where a row says nothing: the defaults of its fields.
struct Defaults {
  explicit Defaults(const Schema& schema)
      : values{std::vector<double>(schema.columns().size(), kAbsent),
               std::vector<Words>(schema.words().size())},
        lists(schema.fields().size()) {
    FaultList unheard{{}};  // the domain file's own checks have seen them
    std::string text;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const Field& field = schema.fields()[i];
      lists[i].length = kAbsent;
      if (!field.preset) continue;
      const FieldValue value = read_field_value(field, *field.preset, unheard, text);
      if (const auto column = schema.column(field.name)) values.numbers[*column] = value.number;
      if (const auto word = schema.word(field.name)) values.words[*word] = value.words;
      if (field.type == FieldType::kIntList) lists[i] = value.list;
    }
  }

  Values values;
  std::vector<ListSummary> lists;
};

class LabelledReader {
 public:
  LabelledReader(std::string_view text, std::string_view file_name, const Domain& domain, bool crosses)
      : reader_(text, separator_of(text, file_name.ends_with(".csv") ? ',' : '\t')),
        file_(file_name),
        domain_(domain),
        defaults_{Defaults(domain.requests), Defaults(domain.items)},
        layout_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        maker_(domain, *layout_, crosses) {}

  Result<ml::LabelledRows> read() {
    if (Status header = read_header(); !header) return header.error();
    rows_ = maker_.no_rows();
    while (reader_.next()) {
      if (!reader_.fault().empty()) return fault(std::string{reader_.fault()});
      if (reader_.cells().size() == 1 && reader_.cells().front().empty()) continue;  // an empty line
      if (Status row = read_row(); !row) return row.error();
    }
    if (rows_.rows() == 0) return fault("there are no rows");
    return together();
  }

 private:
  Error fault(const std::string& what) const {
    return {
        ErrorCode::kInvalidArgument,
        std::string{file_} + ":" + std::to_string(std::max<std::size_t>(reader_.line(), 1)) + ": " + what};
  }

  const Schema& schema(Side side) const { return side == Side::kItem ? domain_.items : domain_.requests; }

  std::optional<std::size_t> cell_of(std::string_view name) const {
    const auto found = std::find(header_.begin(), header_.end(), name);
    if (found == header_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header_.begin());
  }
  // A name that both sides have stands in the header with its side, as in the domain's features.
  std::optional<std::size_t> cell_of(Side side, std::string_view name) const {
    const std::string sided = std::string{side == Side::kItem ? "item." : "request."}.append(name);
    const auto cell = cell_of(sided);
    return cell ? cell : cell_of(name);
  }

  Status read_header() {
    if (!reader_.next()) return fault("the file is empty; its first line must name the columns");
    Result<std::vector<std::string>> names = header_names(reader_);
    if (!names) return fault(names.error().message);
    header_ = *std::move(names);
    std::vector<std::string> missing;
    for (const Feature& feature : domain_.features) {
      if (!find_feature(feature)) missing.push_back(feature.name);
    }
    const auto label = cell_of("label");
    if (!label) missing.emplace_back("label");
    label_ = label.value_or(0);
    if (!missing.empty()) {
      return fault("these columns are missing: " + listed(missing) + nearest_columns(missing, header_) +
                   " The header has " + listed(header_));
    }
    // A cross of what the file does not bring is absent.
    for (const Cross& cross : domain_.crosses) {
      find_column(Side::kRequest, domain_.requests.columns()[cross.request_column]);
      find_column(Side::kItem, domain_.items.columns()[cross.item_column]);
    }
    request_ = cell_of("request");
    weight_ = cell_of("weight");
    item_ = cell_of(domain_.item_id_field);
    person_ = cell_of("user_key");
    return {};
  }

  // Finds where the numbers or words of a feature come from. False: from nowhere.
  bool find_feature(const Feature& feature) {
    const Schema& of = schema(feature.side);
    if (feature.has_words()) {
      const std::string& name = of.words()[feature.column];
      const auto cell = cell_of(feature.side, name);
      if (cell) sources_.push_back({*cell, feature.side, feature.column, of.field(name), name});
      return cell.has_value();
    }
    for (std::size_t i = 0; i < feature.size; ++i) {
      if (!find_column(feature.side, of.columns()[feature.column + i])) return false;
    }
    return true;
  }

  // Finds where a column comes from: a cell, or others that it is derived from. False: from nowhere.
  bool find_column(Side side, std::string_view name) {
    const std::size_t column = *schema(side).column(name);
    const auto read = [&](const Source& source) {
      return source.side == side && source.column == column && !source.is_list() && !source.is_text();
    };
    const auto made = [&](const Derived& derived) {
      return derived.side == side && derived.column == column;
    };
    if (std::any_of(sources_.begin(), sources_.end(), read) ||
        std::any_of(derived_.begin(), derived_.end(), made))
      return true;
    if (const auto cell = cell_of(side, name)) {
      sources_.push_back({*cell, side, column, schema(side).field(name), name});
      return true;
    }
    for (const DerivedField& derived : schema(side).derived()) {
      if (derived.name == name) return find_operands(side, column, derived);
    }
    return false;
  }

  // What is derived comes after what it is derived from.
  bool find_operands(Side side, std::size_t column, const DerivedField& derived) {
    if (is_of_list(derived.how)) {
      const auto field = find_list(side, derived.of.front());
      if (field) derived_.push_back({side, &derived, column, *field, *field});
      return field.has_value();
    }
    for (const std::string& operand : derived.of) {
      if (!find_column(side, operand)) return false;
    }
    const Schema& of = schema(side);
    derived_.push_back(
        {side, &derived, column, *of.column(derived.of.front()), *of.column(derived.of.back())});
    return true;
  }

  std::optional<std::size_t> find_list(Side side, std::string_view name) {
    const auto cell = cell_of(side, name);
    if (!cell) return std::nullopt;
    const Field* field = schema(side).field(name);
    const auto number = static_cast<std::size_t>(field - schema(side).fields().data());
    sources_.push_back({*cell, side, number, field, name});
    return number;
  }

  Error bad_cell(std::string_view column, std::string_view value, std::string_view allowed) const {
    return fault("column '" + std::string{column} + "' has '" + std::string{value} + "'; allowed is " +
                 std::string{allowed});
  }

  Status read_row() {
    const auto& cells = reader_.cells();
    if (cells.size() != header_.size()) {
      return fault("there are " + std::to_string(cells.size()) + " cells, the header has " +
                   std::to_string(header_.size()));
    }
    std::array<Values, 2> values;  // by side
    std::array<std::vector<ListSummary>, 2> lists;
    for (const Side side : {Side::kRequest, Side::kItem}) {
      values[index_of(side)] = defaults_[index_of(side)].values;
      lists[index_of(side)] = defaults_[index_of(side)].lists;
    }
    for (const Source& source : sources_) {
      const std::string_view cell = cells[source.cell];
      if (source.is_list()) {
        const auto list = cell_list(cell);
        if (!list) return bad_cell(source.name, cell, "a list of numbers, as 3;4;5");
        if (!cell.empty()) lists[index_of(source.side)][source.column] = summarise(*list);
        continue;
      }
      if (source.is_text()) {
        if (!cell.empty()) values[index_of(source.side)].words[source.column].emplace(1, std::string{cell});
        continue;
      }
      const auto value = read_number(cell, source.field);
      if (!value) return bad_cell(source.name, cell, "a number, true or false");
      if (!std::isnan(*value)) values[index_of(source.side)].numbers[source.column] = *value;
    }
    for (const Derived& derived : derived_) {
      auto& side = values[index_of(derived.side)].numbers;
      side[derived.column] = is_of_list(derived.field->how)
                                 ? summary_of(lists[index_of(derived.side)][derived.left], derived.field->how)
                                 : derived_number(*derived.field, side[derived.left], side[derived.right]);
    }
    const auto label = read_number(cells[label_]);
    if (!label || !(*label >= 0) || ml::feature_value(*label) != static_cast<float>(*label)) {
      return bad_cell("label", cells[label_],
                      "0 or 1, a share between, or a grade above: the larger, the better");
    }
    maker_.append(values[index_of(Side::kRequest)], layout_->pick(values[index_of(Side::kItem)]), rows_);
    rows_.labels.push_back(static_cast<float>(*label));
    return read_optional(cells);
  }

  static std::size_t index_of(Side side) { return side == Side::kItem ? 1 : 0; }

  Status read_optional(const std::vector<std::string_view>& cells) {
    if (weight_) {
      const auto weight = read_number(cells[*weight_]);
      if (!weight || !(*weight > 0)) return bad_cell("weight", cells[*weight_], "a number above 0");
      rows_.weights.push_back(ml::feature_value(*weight));
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
    if (person_) rows_.people.push_back(ml::person_number(cells[*person_]));
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
    ml::LabelledRows sorted = ml::LabelledRows::like(rows_);
    for (const std::size_t r : order) sorted.add(rows_, r);
    return sorted;
  }

  DelimitedReader reader_;
  const std::string_view file_;
  const Domain& domain_;
  const std::array<Defaults, 2> defaults_;  // by side
  const std::shared_ptr<const ml::Catalog> layout_;
  const ml::FeatureMaker maker_;
  std::vector<std::string> header_;
  std::size_t label_ = 0;
  std::optional<std::size_t> request_;
  std::optional<std::size_t> weight_;
  std::optional<std::size_t> item_;
  std::optional<std::size_t> person_;
  std::vector<Source> sources_;
  std::vector<Derived> derived_;  // in order of computing
  std::map<std::string, std::int64_t, std::less<>> requests_;
  ml::LabelledRows rows_;
};

}  // namespace

Result<ml::LabelledRows> read_labelled(std::string_view text, std::string_view file_name,
                                       const Domain& domain, bool crosses) {
  return LabelledReader(text, file_name, domain, crosses).read();
}

}  // namespace rankloop::app
