// What a statement is given: values in PostgreSQL's binary format, with their types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "storage/statements.h"

namespace rankloop::storage::postgres {

// A type's number in PostgreSQL's catalog (src/include/catalog/pg_type.dat): fixed for ever.
using TypeNumber = unsigned int;

// An array: one column of many rows.
class Array {
 public:
  enum class Of : TypeNumber { kInteger = 20, kReal = 701, kText = 25, kBytes = 17, kTaskId = 2950 };

  explicit Array(Of element);

  void add(std::int64_t value);
  void add(int value) { add(std::int64_t{value}); }
  void add(double value);
  void add(std::string_view bytes);  // kText or kBytes
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(Blob blob) { add(blob.bytes); }
  void add(const TaskId& id);
  void add(WallTime time) { add(std::int64_t{time.time_since_epoch().count()}); }
  template <class Tag>
  void add(Id<Tag> id) {
    add(id.value);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add_null();
    }
  }
  void add_null();

  TypeNumber type() const;
  std::string_view bytes() const { return bytes_; }
  bool empty() const { return count_ == 0; }

 private:
  void count_one();

  Of element_;
  std::uint32_t count_ = 0;
  std::string bytes_;
};

// The columns of many rows, each row with the same types of values, for a statement that unnests them.
class Table {
 public:
  template <class... Values>
  void add(const Values&... values) {
    if (columns_.empty()) (columns_.emplace_back(element_of<Values>()), ...);
    std::size_t at = 0;
    (columns_[at++].add(values), ...);
    ++rows_;
  }
  std::int64_t rows() const { return rows_; }
  const std::vector<Array>& columns() const { return columns_; }

 private:
  template <class Value>
  static constexpr Array::Of element_of() {
    if constexpr (requires {
                    typename Value::value_type;
                    requires !std::is_convertible_v<Value, std::string_view>;
                  }) {
      return element_of<typename Value::value_type>();  // optional
    } else if constexpr (std::is_same_v<Value, TaskId>) {
      return Array::Of::kTaskId;
    } else if constexpr (std::is_same_v<Value, Blob>) {
      return Array::Of::kBytes;
    } else if constexpr (std::is_same_v<Value, double>) {
      return Array::Of::kReal;
    } else if constexpr (std::is_convertible_v<Value, std::string_view>) {
      return Array::Of::kText;
    } else {
      return Array::Of::kInteger;
    }
  }

  std::vector<Array> columns_;
  std::int64_t rows_ = 0;
};

// Borrows texts, columns and tables until the statement is sent; copies numbers.
class Parameters {
 public:
  template <class... Values>
  explicit Parameters(const Values&... values) {
    (add(values), ...);
  }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  int size() const { return static_cast<int>(values_.size()); }
  const TypeNumber* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(std::int64_t value);
  void add(int value) { add(std::int64_t{value}); }
  void add(bool value) { add(std::int64_t{value}); }
  void add(double value);
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) = delete;  // would be taken for a bool
  void add(Blob blob);
  void add(const TaskId& id);
  void add(const Array& column);
  void add(const Table& table);
  void add(WallTime time) { add(std::int64_t{time.time_since_epoch().count()}); }
  template <class Tag>
  void add(Id<Tag> id) {
    add(id.value);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    add(T{});
    values_.back() = nullptr;
  }
  void add_bytes(TypeNumber type, std::string_view bytes);

  std::vector<TypeNumber> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> numbers_;  // never moves what it holds
};

}  // namespace rankloop::storage::postgres
