// Packs the items of a ranking into bytes and back.
#include "storage/packed_ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace rankloop::storage {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kFormatMask = 0x0f;
constexpr std::uint8_t kScoresFall = 0x10;
constexpr std::uint8_t kWithPropensities = 0x20;
constexpr std::uint8_t kWithTail = 0x40;
constexpr std::uint8_t kWithLeftOut = 0x80;
constexpr std::uint32_t kSignBit = 0x8000'0000U;
constexpr std::size_t kChecksumBytes = 4;
constexpr double kMostDrawn = 16'777'216;  // up to here a float tells how many items were left

std::uint8_t byte_of(char c) {
  return static_cast<std::uint8_t>(c);
}

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb8'8320U : 0);
    table[i] = remainder;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ byte_of(c)) & 0xff];
  return ~crc;
}

std::uint32_t ordered(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

float unordered(std::uint32_t order) {
  return std::bit_cast<float>((order & kSignBit) != 0 ? order & ~kSignBit : ~order);
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

void put_fixed(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

// Takes numbers off the front of `bytes`; past the end it answers zeros and is no longer good.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }
  std::uint32_t fixed() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) value |= static_cast<std::uint32_t>(byte()) << shift;
    return value;
  }
  std::uint8_t byte() {
    if (at_ >= bytes_.size()) {
      good_ = false;
      return 0;
    }
    return byte_of(bytes_[at_++]);
  }
  bool good() const { return good_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

Error damaged(const char* detail) {
  return {ErrorCode::kDataLoss, "A stored ranking is damaged and cannot be read", detail};
}

void put_scores(std::string& out, const std::vector<RankedItem>& items, bool fall) {
  std::optional<std::uint32_t> before;
  for (const RankedItem& ranked : items) {
    const std::uint32_t order = ordered(ranked.score);
    if (fall && before) {
      put_varint(out, *before - order);
    } else {
      put_fixed(out, order);
    }
    before = order;
  }
}

void take_scores(Cursor& cursor, std::vector<RankedItem>& items, bool fall) {
  std::uint32_t order = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    order = fall && i > 0 ? order - static_cast<std::uint32_t>(cursor.varint()) : cursor.fixed();
    items[i].score = unordered(order);
  }
}

// What propensities end in: 1 each, or those of a uniform draw from `drawn_from` items.
struct Tail {
  std::size_t begin = 0;
  std::uint64_t drawn_from = 0;  // 0: all are 1

  float at(std::size_t position) const {
    return drawn_from == 0 ? 1.0F : 1.0F / static_cast<float>(drawn_from - position);
  }
};

// The tail from as far up as all propensities agree with it, bit for bit.
Tail grown(const std::vector<RankedItem>& items, std::uint64_t drawn_from) {
  Tail tail{items.size(), drawn_from};
  while (tail.begin > 0 && std::bit_cast<std::uint32_t>(items[tail.begin - 1].propensity) ==
                               std::bit_cast<std::uint32_t>(tail.at(tail.begin - 1))) {
    --tail.begin;
  }
  return tail;
}

Tail longest_tail(const std::vector<RankedItem>& items) {
  const Tail ones = grown(items, 0);
  if (items.empty()) return ones;
  const double left = std::round(1 / static_cast<double>(items.back().propensity));
  if (!(left >= 1 && left <= kMostDrawn)) return ones;
  const Tail uniform = grown(items, static_cast<std::uint64_t>(left) + items.size() - 1);
  return uniform.begin < ones.begin ? uniform : ones;
}

void put_propensities(std::string& out, const std::vector<RankedItem>& items, const Tail& tail) {
  put_varint(out, tail.begin);
  for (std::size_t i = 0; i < tail.begin; ++i) {
    put_fixed(out, std::bit_cast<std::uint32_t>(items[i].propensity));
  }
  put_varint(out, tail.drawn_from);
}

// False when the numbers cannot be those of a ranking.
bool take_propensities(Cursor& cursor, std::vector<RankedItem>& items) {
  Tail tail{static_cast<std::size_t>(cursor.varint()), 0};
  if (tail.begin > items.size()) return false;
  for (std::size_t i = 0; i < tail.begin; ++i) items[i].propensity = std::bit_cast<float>(cursor.fixed());
  tail.drawn_from = cursor.varint();
  if (tail.drawn_from != 0 && tail.drawn_from < items.size()) return false;
  for (std::size_t i = tail.begin; i < items.size(); ++i) items[i].propensity = tail.at(i);
  return true;
}

// What is no item stands with the request.
bool is_packed(const LeftOut& one) {
  return one.item != ItemId{};
}

void put_left_out(std::string& out, const std::vector<LeftOut>& left_out) {
  put_varint(out, static_cast<std::uint64_t>(std::ranges::count_if(left_out, is_packed)));
  for (const LeftOut& one : left_out) {
    if (!is_packed(one)) continue;
    put_varint(out, static_cast<std::uint64_t>(one.item.value));
    out.push_back(static_cast<char>(one.reason));
  }
}

// False when a reason is none.
bool take_left_out(Cursor& cursor, std::vector<LeftOut>& left_out) {
  for (std::uint64_t left = cursor.varint(); left > 0 && cursor.good(); --left) {
    const ItemId item{static_cast<std::int64_t>(cursor.varint())};
    const std::uint8_t reason = cursor.byte();
    if (reason > static_cast<std::uint8_t>(LeftOutReason::kUncomputable)) return false;
    left_out.push_back({item, static_cast<LeftOutReason>(reason), {}});
  }
  return true;
}

}  // namespace

std::string pack_ranking(const std::vector<RankedItem>& items, const std::vector<LeftOut>& left_out) {
  const bool fall = std::is_sorted(items.begin(), items.end(), [](const RankedItem& a, const RankedItem& b) {
    return ordered(a.score) > ordered(b.score);
  });
  const Tail tail = longest_tail(items);
  const bool with_left_out = std::ranges::any_of(left_out, is_packed);
  const bool certain = tail.begin == 0 && tail.drawn_from == 0;
  std::string out;
  out.reserve(16 + items.size() * 6);
  out.push_back(static_cast<char>(kFormat | (fall ? kScoresFall : 0) | (certain ? 0 : kWithTail) |
                                  (with_left_out ? kWithLeftOut : 0)));
  put_varint(out, items.size());
  for (const RankedItem& ranked : items) put_varint(out, static_cast<std::uint64_t>(ranked.item.value));
  put_scores(out, items, fall);
  if (!certain) put_propensities(out, items, tail);
  if (with_left_out) put_left_out(out, left_out);
  put_fixed(out, crc32(out));
  return out;
}

Result<RankedList> unpack_ranking(std::string_view packed) {
  if (packed.size() < kChecksumBytes + 2) return damaged("too short");
  const std::string_view body = packed.substr(0, packed.size() - kChecksumBytes);
  if (Cursor(packed.substr(body.size())).fixed() != crc32(body)) return damaged("the checksum differs");
  Cursor cursor(body);
  const std::uint8_t head = cursor.byte();
  if ((head & kFormatMask) != kFormat) return damaged("an unknown format");
  const std::uint64_t count = cursor.varint();
  if (count > static_cast<std::uint64_t>(kMaxRank)) return damaged("more items than a ranking can have");
  RankedList list{std::vector<RankedItem>(static_cast<std::size_t>(count)), {}};
  std::vector<RankedItem>& items = list.items;
  for (RankedItem& ranked : items) ranked.item.value = static_cast<std::int64_t>(cursor.varint());
  take_scores(cursor, items, (head & kScoresFall) != 0);
  if ((head & kWithPropensities) != 0) {
    for (RankedItem& ranked : items) ranked.propensity = std::bit_cast<float>(cursor.fixed());
  }
  if ((head & kWithTail) != 0 && !take_propensities(cursor, items)) return damaged("impossible propensities");
  if ((head & kWithLeftOut) != 0 && !take_left_out(cursor, list.left_out))
    return damaged("an unknown reason");
  if (!cursor.good() || !cursor.at_end()) return damaged("the length differs");
  return list;
}

std::string pack_ids(const std::vector<ItemId>& ids) {
  std::string out;
  for (const ItemId id : ids) put_varint(out, static_cast<std::uint64_t>(id.value));
  return out;
}

Result<std::vector<ItemId>> unpack_ids(std::string_view packed) {
  std::vector<ItemId> ids;
  Cursor cursor(packed);
  while (!cursor.at_end() && cursor.good()) ids.push_back({static_cast<std::int64_t>(cursor.varint())});
  if (!cursor.good()) return Error{ErrorCode::kDataLoss, "A stored list of candidates is damaged"};
  return ids;
}

}  // namespace rankloop::storage
