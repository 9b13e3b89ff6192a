// The rows of an items import in one of its formats: what a table or JSON lines say, checked against the
// domain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/declared_inputs.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "domain/imported_names.h"
#include "domain/item_keys.h"
#include "error/result.h"
#include "tables/row_reader.h"
#include "tables/text.h"

namespace rankloop::app {

enum class ImportFormat { kCsv, kTsv, kJsonLines };

struct ImportOptions {
  ImportFormat format = ImportFormat::kCsv;
  std::string id_column;     // the column or key that holds the ids; empty: as the domain names it
  bool number_rows = false;  // rows that bring no id get the next free one; not where ids are texts
  bool strict = false;       // a column or key that the domain does not know is refused
  char separator = '\0';     // of a table; 0: as its header shows
  tables::TextOptions text{};
  bool skip_bad = false;  // bad rows are passed over and told, instead of the whole being refused
};

inline constexpr std::int64_t kMaxItemId = kLargestNumber;

// The name that a value gives an item, empty for none (absent or null). kInvalidArgument, at `loc` and the
// field's name.
Result<ItemName> given_name(const boost::json::value* value, ItemIdType type, std::string_view field,
                            std::span<const std::string_view> loc);

struct ItemRow {
  ItemName name;  // empty: none given
  Record record;
  std::vector<std::string> unknown_keys;  // of JSON lines; a table's are those of its header
};

// Where a row stands.
struct RowPlace {
  std::size_t line = 0;       // where it begins, from 1
  std::uint64_t taken = 0;    // bytes of the file as it is, so far
  bool unreadable = false;    // where it ends is not known; going on means behind its first line
  bool same_for_all = false;  // what it takes to go on is the same for all such rows
};

// Borrows domain and options. Reading twice gives the same rows twice. Used by one thread at a time.
class ItemRows {
 public:
  // Of a row, or why it cannot be one. A false answer ends the reading.
  using Visit = std::function<bool(Result<ItemRow>, const RowPlace&)>;

  // `now`: for a domain that keeps the time of creation, where a row does not say it.
  ItemRows(const Domain& domain, tables::Bytes bytes, const ImportOptions& options, std::string now);

  // Reads a table's header; JSON lines have none. kInvalidArgument: one sentence for all that is wrong with
  // it, or with the bytes.
  Status open();
  // An error: the bytes cannot be read to their end.
  Status each(const Visit& visit);

  bool is_table() const { return options_.format != ImportFormat::kJsonLines; }
  // Some rows may have ids and others none.
  bool may_bring_ids() const { return !is_table() || id_column_ < header_.size(); }
  // Columns that the domain does not know; of JSON lines each record names its own.
  const std::vector<std::string>& unknown_columns() const { return unknown_; }
  // Names that an input may have.
  std::vector<std::string_view> known_names() const;
  char separator() const { return separator_; }  // 0: there is no table
  tables::Compression compression() const { return compression_; }
  tables::Encoding encoding() const { return encoding_; }
  // Of the last reading: how often the header stood between rows.
  std::int64_t repeated_headers() const { return repeated_headers_; }

 private:
  Status read_header(tables::DelimitedReader& reader);
  Status check_header() const;
  Status each_json(std::unique_ptr<tables::ByteSource> source, const Visit& visit);
  Status each_delimited(std::unique_ptr<tables::ByteSource> source, const Visit& visit);
  Result<ItemRow> read_json(std::string_view text, std::size_t line) const;
  Result<ItemRow> read_row(const tables::DelimitedReader& reader, std::vector<std::string_view>& cells) const;
  Result<ItemRow> read_cells(const std::vector<std::string_view>& cells, std::size_t line) const;
  bool lacks_its_id(const ItemRow& row) const { return row.name.empty() && !options_.number_rows; }
  bool deliver(Result<ItemRow> row, RowPlace place, const Visit& visit) const;
  Result<ItemName> name_in(std::string_view cell, std::span<const std::string_view> loc) const;
  Error no_id(std::size_t line) const;
  Error not_utf8(std::size_t line) const;
  void supply_creation_time(boost::json::value& value) const;

  const Domain& domain_;
  const ImportedNames fields_;
  const tables::Bytes bytes_;
  const ImportOptions& options_;
  const std::string now_;
  const std::string id_name_;
  std::vector<std::string_view> ignored_;  // the id, where it is no field as well

  // Filled by open().
  tables::Compression compression_ = tables::Compression::kNone;
  tables::Encoding encoding_ = tables::Encoding::kUtf8;
  // Of a table.
  char separator_ = '\0';
  std::vector<std::string> header_;
  std::vector<std::string> names_;  // the header's, and what is supplied
  std::size_t header_line_ = 1;
  std::size_t id_column_ = 0;  // behind the header when there is none
  bool supplies_time_ = false;
  std::vector<std::string> unknown_;

  std::int64_t repeated_headers_ = 0;
};

}  // namespace rankloop::app
