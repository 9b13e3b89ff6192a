// Rows of delimited text.
#include "tables/table_rows.h"

#include <utility>

#include "domain/utf8.h"
#include "tables/header.h"
#include "tables/row_reader.h"

namespace rankloop::tables {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

class DelimitedRows final : public TableRows {
 public:
  DelimitedRows(Text text, char separator, bool choose)
      : encoding_(text.encoding), choose_(choose), reader_(std::move(text.source), separator) {}

  Status read_header(std::span<const std::string_view> known) override {
    if (!reader_.next()) return reader_.status() ? Status{invalid("is empty")} : reader_.status();
    if (!is_utf8(reader_.raw())) return invalid(not_utf8(encoding_));
    if (choose_) separator_of(reader_, known);
    auto names = header_names(reader_);
    if (!names) return names.error();
    header_ = *std::move(names);
    return {};
  }

  bool next() override { return reader_.next(); }
  std::span<const std::string_view> cells() const override { return reader_.cells(); }
  std::string why_bad() const override {
    if (!reader_.fault().empty()) return std::string{reader_.fault()};
    if (!is_utf8(reader_.raw())) return not_utf8(encoding_);
    if (reader_.cells().size() == header_.size()) return {};
    return "the row has " + std::to_string(reader_.cells().size()) + " cells; the header has " +
           std::to_string(header_.size());
  }
  bool is_unreadable() const override { return !reader_.fault().empty(); }
  void pass_over() override { reader_.pass_over_line(); }
  bool is_header_again() const override {
    return reader_.fault().empty() && repeats(header_, reader_.cells());
  }
  std::size_t line() const override { return reader_.line(); }
  std::uint64_t taken() const override { return reader_.taken(); }
  char separator() const override { return reader_.delimiter(); }
  const Status& status() const override { return reader_.status(); }

 private:
  const Encoding encoding_;
  const bool choose_;
  DelimitedReader reader_;
};

}  // namespace

std::unique_ptr<TableRows> delimited_rows(Text text, char separator, bool choose) {
  return std::make_unique<DelimitedRows>(std::move(text), separator, choose);
}

}  // namespace rankloop::tables
