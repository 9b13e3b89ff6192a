// Lines of JSON objects as rows of a sample.
#include <algorithm>
#include <utility>

#include "infer/sample_rows.h"
#include "tables/json_rows.h"

namespace rankloop::infer {
namespace {

namespace json = boost::json;

Error fault(const SourceTable& table, const std::string& what) {
  return {ErrorCode::kInvalidArgument, table.file + ": " + what};
}

CellKind kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return CellKind::kNothing;
    case json::kind::bool_:
      return CellKind::kFlag;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return CellKind::kNumber;
    case json::kind::string:
      return CellKind::kText;
    case json::kind::array:
      return CellKind::kList;
    case json::kind::object:
      return CellKind::kObject;
  }
  return CellKind::kNothing;
}

class JsonLines final : public SampleRows {
 public:
  explicit JsonLines(tables::JsonRows rows) : rows_(std::move(rows)), kinds_(rows_.header().size()) {}

  bool next() override {
    if (!rows_.next()) return false;
    if (is_good()) take_kinds();
    return true;
  }
  const Status& status() const override { return rows_.status(); }
  bool is_header() const override { return false; }
  bool is_good() const override { return rows_.why_bad().empty(); }
  SampleRow row() const override { return {rows_.cells(), kinds_, &rows_.object(), rows_.line()}; }
  std::size_t number() const override { return rows_.line(); }
  void pass_over() override {}

 private:
  void take_kinds() {
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      const json::value* const value = rows_.object().if_contains(rows_.header()[i]);
      kinds_[i] = value == nullptr ? CellKind::kNothing : kind_of(*value);
    }
  }

  tables::JsonRows rows_;
  std::vector<CellKind> kinds_;
};

}  // namespace

Result<bool> are_lines(const SourceTable& table, const Options& options) {
  if (options.lines) return true;
  auto lines = tables::holds_json_lines(table.file, table.bytes, options.text);
  if (!lines) return fault(table, lines.error().message);
  return lines;
}

Result<std::vector<std::string>> members_of_lines(const SourceTable& table, const Options& options) {
  auto members = tables::members_of_lines(table.bytes, options.text, options.sample);
  if (!members) return fault(table, members.error().message);
  return members;
}

Result<std::unique_ptr<SampleRows>> open_lines(const SourceTable& table, const Options& options,
                                               const std::vector<std::string>& header) {
  auto rows = tables::JsonRows::open(table.bytes, options.text, header);
  if (!rows) return fault(table, rows.error().message);
  return std::unique_ptr<SampleRows>(std::make_unique<JsonLines>(*std::move(rows)));
}

}  // namespace rankloop::infer
