// The rows of an items import in one of its formats: what a table or JSON lines say, checked against the
// domain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "app/unknown_names.h"
#include "domain/declared_inputs.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::app {

enum class ImportFormat { kCsv, kTsv, kJsonLines };

struct ImportOptions {
  ImportFormat format = ImportFormat::kCsv;
  std::string id_column;     // the column or key that holds the ids; empty: as the domain names it
  bool number_rows = false;  // rows that bring no id get the next free one, instead of being refused
  bool strict = false;       // a column or key that the domain does not know is refused
};

inline constexpr std::int64_t kMaxItemId = kLargestNumber;

// The id that a value gives, 0 for none (absent or null). kInvalidArgument, at `loc` and the field's name.
Result<ItemId> given_id(const boost::json::value* value, std::string_view field,
                        std::span<const std::string_view> loc);

struct ItemRow {
  ItemId id;  // 0: none given
  Record record;
  std::vector<std::string> unknown_keys;  // of JSON lines; a table's are those of its header
};

// Borrows everything. Reading twice gives the same rows twice. Used by one thread at a time.
class ItemRows {
 public:
  // Of a row, or why it cannot be one; and how many bytes have been read. A false answer ends the reading,
  // and so does a row without the id that it needs: what it takes to go on is the same for all.
  using Visit = std::function<bool(Result<ItemRow>, std::size_t)>;

  // `now`: for a domain that keeps the time of creation, where a row does not say it.
  ItemRows(const Domain& domain, std::string_view text, const ImportOptions& options, std::string now);

  // Reads a table's header; JSON lines have none. kInvalidArgument: one sentence for all that is wrong with
  // it.
  Status open();
  void each(const Visit& visit) const;
  // Columns that the domain does not know; of JSON lines each record names its own.
  const std::vector<std::string>& unknown_columns() const { return unknown_; }
  // Names that an input may have.
  std::vector<std::string_view> known_names() const;

 private:
  bool is_table() const { return options_.format != ImportFormat::kJsonLines; }
  Status check_header() const;
  void each_json(const Visit& visit) const;
  void each_delimited(const Visit& visit) const;
  Result<ItemRow> read_json(std::string_view text, std::size_t line) const;
  Result<ItemRow> read_cells(const std::vector<std::string>& names,
                             const std::vector<std::string_view>& cells, std::size_t line) const;
  bool lacks_its_id(const ItemRow& row) const { return row.id.value == 0 && !options_.number_rows; }
  Error no_id(std::size_t line) const;
  void supply_creation_time(boost::json::value& value) const;

  const Domain& domain_;
  const std::string_view text_;
  const ImportOptions& options_;
  const std::string now_;
  const std::string id_name_;
  std::vector<std::string_view> ignored_;  // the id, where it is no field as well

  // Of a table; filled by open().
  char separator_ = ',';
  std::vector<std::string> header_;
  std::size_t header_line_ = 1;
  std::size_t id_column_ = 0;  // behind the header when there is none
  bool supplies_time_ = false;
  std::vector<std::string> unknown_;
};

}  // namespace rankloop::app
