// Values in the binary format.
#include "storage/postgres/parameters.h"

#include <bit>

#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {
namespace {

constexpr int kBinary = 1;
constexpr std::size_t kHeader =
    20;  // of an array: dimensions, whether there are NULLs, type, length, first index
constexpr std::size_t kMaxBytes = 1U << 30;  // the protocol's lengths are signed 32-bit numbers

template <class Unsigned>
std::string big_endian(Unsigned value) {
  std::string bytes(sizeof(Unsigned), '\0');
  for (std::size_t i = sizeof(Unsigned); i-- > 0; value = static_cast<Unsigned>(value >> 8)) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::string_view view_of(const TaskId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TypeNumber array_of(Array::Of element) {
  switch (element) {
    case Array::Of::kInteger:
      return 1016;
    case Array::Of::kReal:
      return 1022;
    case Array::Of::kText:
      return 1009;
    case Array::Of::kBytes:
      return 1001;
    case Array::Of::kTaskId:
      return 2951;
  }
  return 0;
}

}  // namespace

Array::Array(Of element) : element_(element) {
  bytes_ = big_endian(std::uint32_t{1}) + big_endian(std::uint32_t{1}) +
           big_endian(static_cast<std::uint32_t>(element)) + big_endian(std::uint32_t{0}) +
           big_endian(std::uint32_t{1});
}

TypeNumber Array::type() const {
  return array_of(element_);
}

void Array::count_one() {
  ++count_;
  bytes_.replace(kHeader - 8, 4, big_endian(count_));
}

void Array::add(std::int64_t value) {
  count_one();
  bytes_ += big_endian(std::uint32_t{8}) + big_endian(static_cast<std::uint64_t>(value));
}

void Array::add(double value) {
  add(std::bit_cast<std::int64_t>(value));
}

void Array::add(std::string_view bytes) {
  count_one();
  bytes_ += big_endian(static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
}

void Array::add(const TaskId& id) {
  add(view_of(id));
}

void Array::add_null() {
  count_one();
  bytes_ += big_endian(~std::uint32_t{0});
}

void Parameters::add_bytes(TypeNumber type, std::string_view bytes) {
  if (bytes.size() > kMaxBytes) throw DatabaseError("54000", "a value has more than 1 GiB");
  types_.push_back(type);
  values_.push_back(bytes.empty() ? "" : bytes.data());
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(kBinary);
}

void Parameters::add(std::int64_t value) {
  add_bytes(static_cast<TypeNumber>(Array::Of::kInteger),
            numbers_.emplace_back(big_endian(static_cast<std::uint64_t>(value))));
}

void Parameters::add(double value) {
  add_bytes(static_cast<TypeNumber>(Array::Of::kReal),
            numbers_.emplace_back(big_endian(std::bit_cast<std::uint64_t>(value))));
}

void Parameters::add(std::string_view text) {
  add_bytes(static_cast<TypeNumber>(Array::Of::kText), text);
}
void Parameters::add(Blob blob) {
  add_bytes(static_cast<TypeNumber>(Array::Of::kBytes), blob.bytes);
}

void Parameters::add(const TaskId& id) {
  add_bytes(static_cast<TypeNumber>(Array::Of::kTaskId), numbers_.emplace_back(view_of(id)));
}

void Parameters::add(const Array& column) {
  add_bytes(column.type(), column.bytes());
}

void Parameters::add(const Table& table) {
  for (const Array& column : table.columns()) add(column);
}

}  // namespace rankloop::storage::postgres
