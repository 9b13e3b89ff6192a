// Fields and rows of the binary format.
#include "storage/postgres/copy_format.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace rankloop::storage::postgres {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t kHeaderBytes = 19;  // with flags and the length of an extension
constexpr std::size_t kUuidBytes = 16;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((value >> shift) & 0xff));
}

// Takes a big-endian number off the front; nothing when it is not all there.
std::optional<std::int64_t> take_number(std::string_view& rest, std::size_t bytes) {
  if (rest.size() < bytes) return std::nullopt;
  std::uint64_t value = (static_cast<unsigned char>(rest.front()) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < bytes; ++i) value = (value << 8) | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(bytes);
  return static_cast<std::int64_t>(value);
}

std::size_t width_of(CopyType type) {
  switch (type) {
    case CopyType::kInt2:
      return 2;
    case CopyType::kInt4:
      return 4;
    default:
      return 8;
  }
}

bool fits(std::int64_t value, CopyType type) {
  if (type == CopyType::kInt8) return true;
  const std::int64_t most = type == CopyType::kInt4 ? std::numeric_limits<std::int32_t>::max()
                                                    : std::numeric_limits<std::int16_t>::max();
  return value <= most && value >= -most - 1;
}

Error unfit(std::string_view why) {
  return {ErrorCode::kInvalidArgument, "a value cannot be stored in PostgreSQL: " + std::string(why)};
}

Error damaged() {
  return {ErrorCode::kDataLoss, "what PostgreSQL sends cannot be read"};
}

Status append_cell(std::string& out, const Cell& cell, CopyType type) {
  const auto append_bytes = [&] {
    put(out, cell.bytes.size(), 4);
    out.append(cell.bytes);
  };
  switch (cell.kind) {
    case Cell::Kind::kNull:
      put(out, 0xffff'ffffU, 4);
      return {};
    case Cell::Kind::kInteger: {
      if (type != CopyType::kInt2 && type != CopyType::kInt4 && type != CopyType::kInt8)
        return unfit("a whole number in a column of another type");
      if (!fits(cell.integer, type))
        return unfit(std::to_string(cell.integer) + " is too large for its column");
      put(out, width_of(type), 4);
      put(out, static_cast<std::uint64_t>(cell.integer), static_cast<int>(width_of(type)));
      return {};
    }
    case Cell::Kind::kReal:
      if (type != CopyType::kFloat8) return unfit("a real number in a column of another type");
      put(out, 8, 4);
      put(out, std::bit_cast<std::uint64_t>(cell.real), 8);
      return {};
    case Cell::Kind::kText:
      if (type != CopyType::kText) return unfit("a text in a column of another type");
      if (cell.bytes.find('\0') != std::string_view::npos) return unfit("a text with a NUL");
      append_bytes();
      return {};
    case Cell::Kind::kBytes:
      if (type != CopyType::kBytes && type != CopyType::kUuid)
        return unfit("bytes in a column of another type");
      if (type == CopyType::kUuid && cell.bytes.size() != kUuidBytes)
        return unfit("an id that has not 16 bytes");
      append_bytes();
      return {};
  }
  return {};
}

}  // namespace

std::optional<CopyType> copy_type(std::string_view name) {
  if (name == "int2") return CopyType::kInt2;
  if (name == "int4") return CopyType::kInt4;
  if (name == "int8") return CopyType::kInt8;
  if (name == "float8") return CopyType::kFloat8;
  if (name == "text") return CopyType::kText;
  if (name == "bytea") return CopyType::kBytes;
  if (name == "uuid") return CopyType::kUuid;
  return std::nullopt;
}

std::string copy_header() {
  std::string out(kSignature);
  put(out, 0, 8);
  return out;
}

std::string copy_trailer() {
  return "\377\377";
}

Status append_copy_row(std::string& out, Cells cells, const std::vector<CopyType>& types) {
  if (cells.size() != types.size()) return unfit("a row has another number of columns");
  put(out, cells.size(), 2);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (Status status = append_cell(out, cells[i], types[i]); !status) return status;
  }
  return {};
}

Status CopyReader::take(std::string_view piece, const std::function<Status(Cells)>& visit) {
  if (!std::exchange(begun_, true)) {
    if (!piece.starts_with(kSignature) || piece.size() < kHeaderBytes) return damaged();
    piece.remove_prefix(kHeaderBytes);
  }
  while (!piece.empty()) {
    const auto columns = take_number(piece, 2);
    if (!columns) return damaged();
    if (*columns == -1) return {};
    if (static_cast<std::size_t>(*columns) != types_.size()) return damaged();
    if (Status status = take_row(piece); !status) return status;
    if (Status status = visit(cells_); !status) return status;
  }
  return {};
}

Status CopyReader::take_row(std::string_view& rest) {
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const auto length = take_number(rest, 4);
    if (!length) return damaged();
    cells_[i] = {};
    if (*length == -1) continue;
    const auto size = static_cast<std::size_t>(*length);
    if (*length < 0 || rest.size() < size) return damaged();
    std::string_view bytes = rest.substr(0, size);
    rest.remove_prefix(size);
    if (types_[i] == CopyType::kText || types_[i] == CopyType::kBytes || types_[i] == CopyType::kUuid) {
      cells_[i].kind = types_[i] == CopyType::kText ? Cell::Kind::kText : Cell::Kind::kBytes;
      cells_[i].bytes = bytes;
      continue;
    }
    if (size != width_of(types_[i])) return damaged();
    cells_[i].integer = *take_number(bytes, size);
    cells_[i].kind = Cell::Kind::kInteger;
    if (types_[i] != CopyType::kFloat8) continue;
    cells_[i].kind = Cell::Kind::kReal;
    cells_[i].real = std::bit_cast<double>(cells_[i].integer);
  }
  return {};
}

}  // namespace rankloop::storage::postgres
