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
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/learn/labelled_values.h"
#include "domain/derivation.h"
#include "domain/field_value.h"
#include "domain/table_cells.h"
#include "ml/corpus.h"
#include "ml/feature_space.h"
#include "ml/feature_value.h"
#include "tables/header.h"
#include "tables/row_reader.h"

namespace rankloop::app {
namespace {

class LabelledReader {
 public:
  LabelledReader(std::string_view text, std::string_view file_name, const Domain& domain, bool crosses,
                 ItemKeys& keys)
      : reader_(text, tables::separator_of(text, file_name.ends_with(".csv") ? ',' : '\t')),
        file_(file_name),
        domain_(domain),
        keys_(keys),
        defaults_{Defaults(domain.requests), Defaults(domain.candidates)},
        layout_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        maker_(domain, *layout_, crosses) {}

  // Texts are matched with what `corpora` knows.
  Result<ml::LabelledRows> read(const ml::Corpora& corpora) {
    rows_ = maker_.no_rows();
    const Status read = each_row([&](const Row& row) { return append(row, corpora); });
    if (!read) return read.error();
    if (rows_.rows() == 0) return fault("there are no rows");
    return together();
  }

  // Counts the texts of the items of all rows, each item once: by its id, or by what its texts say.
  Status count_texts(ml::CountedTexts& counted) {
    std::set<std::string, std::less<>> seen;
    return each_row([&](const Row& row) {
      const std::vector<Words>& texts = row.values[index_of(Side::kItem)].texts;
      if (seen.insert(item_ ? std::string{reader_.cells()[*item_]} : joined(texts)).second)
        counted.add(texts);
      return Status{};
    });
  }

 private:
  static std::string joined(const std::vector<Words>& texts) {
    std::string all;
    for (const Words& words : texts) {
      for (const std::string& word : words.value_or(std::vector<std::string>{})) all.append(word).append(" ");
      all += words ? '.' : '-';
    }
    return all;
  }

  Error fault(const std::string& what) const {
    return {
        ErrorCode::kInvalidArgument,
        std::string{file_} + ":" + std::to_string(std::max<std::size_t>(reader_.line(), 1)) + ": " + what};
  }

  static std::size_t index_of(Side side) { return side == Side::kItem ? 1 : 0; }
  const Schema& schema(Side side) const { return domain_.ranked(side); }

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
    Result<std::vector<std::string>> names = tables::header_names(reader_);
    if (!names) return fault(names.error().message);
    header_ = *std::move(names);
    std::vector<std::string> missing;
    for (const Feature& feature : domain_.features) {
      if (!find_feature(feature) && !is_history(domain_, feature)) missing.push_back(feature.name);
    }
    const auto label = cell_of("label");
    if (!label) missing.emplace_back("label");
    label_ = label.value_or(0);
    if (!missing.empty()) {
      return fault("these columns are missing: " + tables::listed(missing) +
                   tables::nearest_columns(missing, header_) + " The header has " + tables::listed(header_));
    }
    // A cross of what the file does not bring is absent.
    for (const Cross& cross : domain_.crosses) {
      if (cross.op == CrossOp::kHistory) continue;
      find_operand(Side::kRequest, cross, cross.request_column);
      find_operand(Side::kItem, cross, cross.item_column);
    }
    request_ = cell_of("request");
    weight_ = cell_of("weight");
    item_ = cell_of(domain_.item_id_field);
    person_ = cell_of("user_key");
    return {};
  }

  // Finds where the numbers or words of a feature come from. False: from nowhere.
  bool find_feature(const Feature& feature) {
    if (feature.has_words()) return find_word(feature.side, schema(feature.side).words()[feature.column]);
    return find_column(feature.side, schema(feature.side).columns()[feature.column]);
  }

  void find_operand(Side side, const Cross& cross, std::size_t operand) {
    if (is_of_words(cross.op))
      find_word(side, schema(side).words()[operand]);
    else if (is_of_texts(cross.op))
      find_field(side, schema(side).texts()[operand]);
    else
      find_column(side, schema(side).columns()[operand]);
  }

  bool is_found(Side side, Source::Of of, std::size_t index) const {
    return std::ranges::any_of(sources_, [&](const Source& source) {
      return source.side == side && source.of == of && source.index == index;
    });
  }
  bool is_made(Side side, const DerivedField& field) const {
    return std::ranges::any_of(
        derived_, [&](const Derived& made) { return made.side == side && made.field == &field; });
  }

  // Finds where a column comes from: a cell, or others that it is derived from. False: from nowhere.
  bool find_column(Side side, std::string_view name) {
    const std::string_view field = name.substr(0, name.find_first_of(".["));  // of a vector or a place
    if (field.size() < name.size()) return find_field(side, field).has_value();
    return find(side, Source::Of::kNumber, name, *schema(side).column(name));
  }

  bool find_word(Side side, std::string_view name) {
    if (schema(side).field(name) != nullptr) return find_field(side, name).has_value();
    return find(side, Source::Of::kWord, name, *schema(side).word(name));
  }

  bool find(Side side, Source::Of of, std::string_view name, std::size_t index) {
    if (is_found(side, of, index)) return true;
    const auto derived = std::ranges::find(schema(side).derived(), name, &DerivedField::name);
    const bool is_derived = derived != schema(side).derived().end();
    const bool set = is_derived && makes_set(derived->how);  // of more words than a cell has
    if (const auto cell = cell_of(side, name); cell && !set) {
      sources_.push_back({*cell, side, of, index, schema(side).field(name), name});
      return true;
    }
    return is_derived && (is_made(side, *derived) || find_operands(side, index, *derived));
  }

  // What is derived comes after what it is derived from.
  bool find_operands(Side side, std::size_t index, const DerivedField& derived) {
    if (is_of_list(derived.how)) {
      const auto field = find_field(side, derived.of.front());
      if (field) derived_.push_back({side, &derived, index, *field, *field});
      return field.has_value();
    }
    for (const std::string& operand : derived.of) {
      if (!find_column(side, operand)) return false;
    }
    const Schema& of = schema(side);
    derived_.push_back(
        {side, &derived, index, *of.column(derived.of.front()), *of.column(derived.of.back())});
    return true;
  }

  // The number of a field that is read as a whole.
  std::optional<std::size_t> find_field(Side side, std::string_view name) {
    const Field* field = schema(side).field(name);
    const auto number = static_cast<std::size_t>(field - schema(side).fields().data());
    if (is_found(side, Source::Of::kField, number)) return number;
    const auto cell = cell_of(side, name);
    if (!cell) return std::nullopt;
    sources_.push_back({*cell, side, Source::Of::kField, number, field, name});
    return number;
  }

  Error bad_cell(std::string_view column, std::string_view value, std::string_view allowed) const {
    return fault("column '" + std::string{column} + "' has '" + std::string{value} + "'; allowed is " +
                 std::string{allowed});
  }

  // What was read of a row, by side.
  struct Row {
    std::array<Values, 2> values;
    std::array<std::vector<FieldValue>, 2> fields;  // those that are read as a whole
  };

  Status read_cell(const Source& source, std::string_view cell, Row& row) const {
    Values& values = row.values[index_of(source.side)];
    switch (source.of) {
      case Source::Of::kNumber: {
        const auto value = read_number(cell, source.field);
        if (!value) return bad_cell(source.name, cell, "a number, true or false");
        if (!std::isnan(*value)) values.numbers[source.index] = *value;
        return {};
      }
      case Source::Of::kWord:
        if (!cell.empty()) values.words[source.index].emplace(1, std::string{cell});
        return {};
      case Source::Of::kField:
        break;
    }
    const auto value = cell_value(*source.field, cell);
    if (!value || cell.empty()) return {};
    FaultList faults{{}};
    std::string text;
    FieldValue read = read_field_value(*source.field, *value, faults, text);
    if (faults.size() > 0) {
      return fault("column '" + std::string{source.name} + "' has '" + std::string{cell} + "'; it " +
                   faults.take().front().msg);
    }
    take(schema(source.side), *source.field, read, values);
    row.fields[index_of(source.side)][source.index] = std::move(read);
    return {};
  }

  static void compute(const Derived& derived, Row& row) {
    Values& values = row.values[index_of(derived.side)];
    const DerivedField& field = *derived.field;
    if (makes_set(field.how)) {
      values.words[derived.column] = words_in(row.fields[index_of(derived.side)][derived.left]);
    } else if (makes_words(field.how)) {
      values.words[derived.column] = derived_words(field, values.numbers[derived.left]);
    } else if (is_of_list(field.how)) {
      values.numbers[derived.column] = summary_of(field, row.fields[index_of(derived.side)][derived.left]);
    } else {
      values.numbers[derived.column] =
          derived_number(field, values.numbers[derived.left], values.numbers[derived.right]);
    }
  }

  // Calls take(row) -> Status for each.
  template <class Take>
  Status each_row(Take take) {
    if (Status header = read_header(); !header) return header;
    Row row;
    request_cells_.clear();
    while (reader_.next()) {
      if (!reader_.fault().empty()) return fault(std::string{reader_.fault()});
      if (reader_.cells().size() == 1 && reader_.cells().front().empty()) continue;  // an empty line
      if (Status read = read_row(row); !read) return read;
      if (Status taken = take(row); !taken) return taken;
    }
    return {};
  }

  // Whether the row says of its request what the one before said of its own. Remembers what it says.
  bool says_the_same(const std::vector<std::string_view>& cells) {
    std::vector<std::string> said;
    for (const Source& source : sources_) {
      if (source.side == Side::kRequest) said.emplace_back(cells[source.cell]);
    }
    const bool same = !request_cells_.empty() && said == request_cells_;
    request_cells_ = std::move(said);
    return same;
  }

  // The request's side stays as it is while rows say the same of it: a list may have many words.
  Status read_row(Row& row) {
    const auto& cells = reader_.cells();
    if (cells.size() != header_.size()) {
      return fault("there are " + std::to_string(cells.size()) + " cells, the header has " +
                   std::to_string(header_.size()));
    }
    const bool same = says_the_same(cells);
    if (!same) asked_.reset();
    for (std::size_t side = same ? index_of(Side::kItem) : 0; side < row.values.size(); ++side) {
      row.values[side] = defaults_[side].values;
      row.fields[side] = defaults_[side].fields;
    }
    for (const Source& source : sources_) {
      if (same && source.side == Side::kRequest) continue;
      if (Status cell = read_cell(source, cells[source.cell], row); !cell) return cell;
    }
    for (const Derived& derived : derived_) {
      if (!same || derived.side == Side::kItem) compute(derived, row);
    }
    return {};
  }

  Status append(const Row& row, const ml::Corpora& corpora) {
    const auto& cells = reader_.cells();
    const auto label = read_number(cells[label_]);
    if (!label || !(*label >= 0) || ml::feature_value(*label) != static_cast<float>(*label)) {
      return bad_cell("label", cells[label_],
                      "0 or 1, a share between, or a grade above: the larger, the better");
    }
    const ml::ItemValues item = layout_->pick(row.values[index_of(Side::kItem)]);
    const std::size_t known = layout_->dictionary().size() + layout_->text_dictionary().size();
    if (!asked_ || known > asked_knowing_) {  // a word that is asked may have got its code since
      asked_ = maker_.asked(row.values[index_of(Side::kRequest)], corpora);
      asked_knowing_ = known;
    }
    maker_.append(*asked_, item, rows_);
    rows_.labels.push_back(static_cast<float>(*label));
    return read_optional(cells);
  }

  Status read_optional(const std::vector<std::string_view>& cells) {
    if (weight_) {
      const auto weight = read_number(cells[*weight_]);
      if (!weight || !(*weight > 0)) return bad_cell("weight", cells[*weight_], "a number above 0");
      rows_.weights.push_back(ml::feature_value(*weight));
    }
    if (item_) {
      const Result<ItemId> item = read_item(cells[*item_]);
      if (!item) return item.error();
      rows_.items.push_back(*item);
    }
    if (person_) rows_.people.push_back(ml::person_number(cells[*person_]));
    if (request_) {
      const auto number = static_cast<std::int64_t>(requests_.size());
      rows_.requests.push_back(requests_.emplace(std::string{cells[*request_]}, number).first->second);
    }
    return {};
  }

  Result<ItemId> read_item(std::string_view cell) {
    if (keys_.are_texts()) {
      if (is_item_key(cell)) return keys_.add(cell);
      return bad_cell(domain_.item_id_field, cell, allowed_item_id(ItemIdType::kText));
    }
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), id);
    if (error == std::errc{} && end == cell.data() + cell.size()) return ItemId{id};
    return bad_cell(domain_.item_id_field, cell, "a whole number");
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

  tables::DelimitedReader reader_;
  const std::string_view file_;
  const Domain& domain_;
  ItemKeys& keys_;
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
  // Of the last row.
  std::vector<std::string> request_cells_;        // those that are read
  std::optional<ml::FeatureMaker::Asked> asked_;  // refers to what they say
  std::size_t asked_knowing_ = 0;                 // words
};

}  // namespace

Result<ml::LabelledRows> read_labelled(std::string_view text, std::string_view file_name,
                                       const Domain& domain, bool crosses, ItemKeys& keys) {
  ml::CountedTexts counted(domain.candidates.texts().size());
  if (crosses && !domain.candidates.texts().empty()) {
    const Status status = LabelledReader(text, file_name, domain, crosses, keys).count_texts(counted);
    if (!status) return status.error();
  }
  return LabelledReader(text, file_name, domain, crosses, keys).read(counted.corpora());
}

}  // namespace rankloop::app
