// Windows-1252 and UTF-16, turned into UTF-8 as they are read.
#include "tables/encoding.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace rankloop::tables {
namespace {

constexpr std::size_t kPiece = 64U << 10;

// What Windows-1252 has for the bytes from 0x80 to 0x9f; five of them are controls there, too.
constexpr std::array<char16_t, 32> kWindows = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

void append_utf8(std::string& out, char32_t character) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0 | (character >> 6));
  } else if (character < 0x10000) {
    put(0xe0 | (character >> 12));
    put(0x80 | ((character >> 6) & 0x3f));
  } else {
    put(0xf0 | (character >> 18));
    put(0x80 | ((character >> 12) & 0x3f));
    put(0x80 | ((character >> 6) & 0x3f));
  }
  put(0x80 | (character & 0x3f));
}

// Decodes piece by piece into a text that is handed on in whatever portions are asked for.
class Decoder : public ByteSource {
 public:
  explicit Decoder(std::unique_ptr<ByteSource> encoded) : encoded_(std::move(encoded)), piece_(kPiece) {}

  Result<std::size_t> read(std::span<char> into) final {
    while (at_ == text_.size()) {
      if (ended_) return std::size_t{0};
      text_.clear();
      at_ = 0;
      const Result<std::size_t> got = encoded_->read(piece_);
      if (!got) return got;
      ended_ = *got == 0;
      if (ended_) {
        finish(text_);
      } else {
        decode({piece_.data(), *got}, text_);
      }
    }
    const std::size_t size = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const final { return encoded_->taken(); }

 private:
  virtual void decode(std::string_view bytes, std::string& out) = 0;
  virtual void finish(std::string&) {}

  const std::unique_ptr<ByteSource> encoded_;
  std::vector<char> piece_;
  std::string text_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

class Latin1 : public Decoder {
 public:
  using Decoder::Decoder;

 private:
  void decode(std::string_view bytes, std::string& out) override {
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      const bool windows = byte >= 0x80 && byte < 0xa0;
      append_utf8(out, windows ? char32_t{kWindows[byte - 0x80]} : char32_t{byte});
    }
  }
};

class Utf16 : public Decoder {
 public:
  Utf16(std::unique_ptr<ByteSource> encoded, bool big) : Decoder(std::move(encoded)), big_(big) {}

 private:
  void decode(std::string_view bytes, std::string& out) override {
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      if (!std::exchange(half_, !half_)) {
        first_ = byte;
      } else {
        take(big_ ? first_ << 8 | byte : byte << 8 | first_, out);
      }
    }
  }
  void finish(std::string& out) override {
    if (high_ != 0) append_utf8(out, high_);
    if (half_) out += '\xff';
  }

  static bool is_high(char32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
  static bool is_low(char32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

  void take(int value, std::string& out) {
    const auto unit = static_cast<char32_t>(value);
    const char32_t high = std::exchange(high_, 0);
    if (high != 0 && is_low(unit))
      return append_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
    if (high != 0) append_utf8(out, high);  // half of a pair, which is no UTF-8
    if (is_high(unit)) {
      high_ = unit;
    } else {
      append_utf8(out, unit);
    }
  }

  const bool big_;
  bool half_ = false;  // of a unit
  int first_ = 0;
  char32_t high_ = 0;
};

}  // namespace

std::optional<Encoding> encoding_of(std::string_view name) {
  constexpr std::array<Encoding, kEncodingNames.size()> kEncodings = {
      Encoding::kAuto,   Encoding::kUtf8,  Encoding::kLatin1,  Encoding::kLatin1, Encoding::kLatin1,
      Encoding::kLatin1, Encoding::kUtf16, Encoding::kUtf16Le, Encoding::kUtf16Be};
  std::string small{name};
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto found = std::find(kEncodingNames.begin(), kEncodingNames.end(), small);
  if (found == kEncodingNames.end()) return std::nullopt;
  return kEncodings[static_cast<std::size_t>(found - kEncodingNames.begin())];
}

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kLatin1:
      return "latin1";
    case Encoding::kUtf16:
    case Encoding::kUtf16Le:
      return "utf-16le";
    case Encoding::kUtf16Be:
      return "utf-16be";
    case Encoding::kAuto:
    case Encoding::kUtf8:
      break;
  }
  return "utf-8";
}

Result<Mark> mark_of(std::string_view beginning, Encoding asked) {
  if (beginning.starts_with("\xef\xbb\xbf")) return Mark{3, Encoding::kUtf8};
  if (beginning.starts_with("\xff\xfe")) return Mark{2, Encoding::kUtf16Le};
  if (beginning.starts_with("\xfe\xff")) return Mark{2, Encoding::kUtf16Be};
  if (asked == Encoding::kUtf16) return Mark{0, Encoding::kUtf16Le};
  if (asked != Encoding::kAuto) return Mark{0, asked};
  // The first letters of a header are ASCII, every other byte of which is zero in UTF-16.
  if (beginning.size() >= 2 && (beginning[0] == '\0') != (beginning[1] == '\0')) {
    return Error{ErrorCode::kInvalidArgument,
                 std::string{"the text looks like UTF-16 without a byte order mark; say encoding "} +
                     (beginning[0] == '\0' ? "utf-16be" : "utf-16le")};
  }
  return Mark{0, Encoding::kUtf8};
}

std::unique_ptr<ByteSource> decoded(Encoding encoding, std::unique_ptr<ByteSource> encoded) {
  switch (encoding) {
    case Encoding::kLatin1:
      return std::make_unique<Latin1>(std::move(encoded));
    case Encoding::kUtf16:
    case Encoding::kUtf16Le:
      return std::make_unique<Utf16>(std::move(encoded), false);
    case Encoding::kUtf16Be:
      return std::make_unique<Utf16>(std::move(encoded), true);
    case Encoding::kAuto:
    case Encoding::kUtf8:
      break;
  }
  return encoded;
}

std::string not_utf8(Encoding encoding) {
  if (encoding == Encoding::kUtf16Le || encoding == Encoding::kUtf16Be)
    return "the line has half of a character of UTF-16";
  return "the line is not UTF-8; if the text is Latin-1 (Windows-1252), say so: --encoding latin1, or "
         "encoding=latin1 over HTTP";
}

}  // namespace rankloop::tables
