// zlib and libzstd behind a stream of bytes.
#include "tables/compression.h"

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace rankloop::tables {
namespace {

constexpr std::size_t kPiece = 64U << 10;

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

// What both have in common: packed bytes in pieces, and what may come out of them.
class Unpacker : public ByteSource {
 public:
  Unpacker(Compression how, std::unique_ptr<ByteSource> packed, std::uint64_t most)
      : how_(how), packed_(std::move(packed)), most_(most), piece_(kPiece) {}

  Result<std::size_t> read(std::span<char> into) final {
    while (true) {
      if (Status more = refill(); !more) return more.error();
      const Result<std::size_t> made = unpack(into);
      if (!made) return made;
      if (*made > 0) return judged(*made);
      if (!rest().empty() || !drained_) continue;
      if (!between())
        return invalid("the " + std::string{name_of(how_)} + " data end early: is it all there?");
      return std::size_t{0};
    }
  }
  std::uint64_t taken() const final { return packed_->taken(); }

 protected:
  // Packed bytes that nobody has taken yet.
  std::span<char> rest() { return std::span{piece_}.subspan(at_, have_ - at_); }
  void take(std::size_t bytes) { at_ += bytes; }
  Error damaged(std::string_view why) const {
    return invalid("the " + std::string{name_of(how_)} + " data cannot be unpacked: " + std::string{why});
  }

 private:
  // Unpacks some of rest(); 0 bytes: it needs more, or this is the end.
  virtual Result<std::size_t> unpack(std::span<char> into) = 0;
  // Nothing has begun that is not at its end.
  virtual bool between() const = 0;

  Status refill() {
    if (at_ < have_ || drained_) return {};
    const Result<std::size_t> got = packed_->read(piece_);
    if (!got) return got.error();
    at_ = 0;
    have_ = *got;
    drained_ = have_ == 0;
    return {};
  }

  Result<std::size_t> judged(std::size_t made) {
    made_ += made;
    if (made_ > most_) {
      return invalid("what is packed becomes more than " + std::to_string(most_) +
                     " bytes of text, which are allowed here");
    }
    if (made_ > kFreeText && made_ / kMostTextForAByte > taken()) {
      return invalid("what is packed becomes more than " + std::to_string(kMostTextForAByte) +
                     " times its size, as bombs do; unpack it first if that is meant");
    }
    return made;
  }

  const Compression how_;
  const std::unique_ptr<ByteSource> packed_;
  const std::uint64_t most_;
  std::vector<char> piece_;
  std::size_t at_ = 0;
  std::size_t have_ = 0;
  bool drained_ = false;
  std::uint64_t made_ = 0;
};

class Gunzip : public Unpacker {
 public:
  Gunzip(std::unique_ptr<ByteSource> packed, std::uint64_t most)
      : Unpacker(Compression::kGzip, std::move(packed), most) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() override { inflateEnd(&stream_); }

 private:
  Result<std::size_t> unpack(std::span<char> into) override {
    const std::span<char> packed = rest();
    if (between_ && packed.empty()) return std::size_t{0};
    if (between_ && packed.front() != '\x1f') return damaged("other bytes follow it");
    if (std::exchange(between_, false)) inflateReset(&stream_);
    constexpr std::size_t kMost = 1U << 30;
    const std::size_t room = std::min(into.size(), kMost);
    stream_.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(room);
    const int state = inflate(&stream_, Z_NO_FLUSH);
    take(packed.size() - stream_.avail_in);
    if (state == Z_MEM_ERROR) throw std::bad_alloc();
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
      return damaged(stream_.msg != nullptr ? stream_.msg : "it is damaged");
    between_ = state == Z_STREAM_END;
    return room - stream_.avail_out;
  }
  bool between() const override { return between_; }

  z_stream stream_{};
  bool between_ = true;
};

class Unzstd : public Unpacker {
 public:
  Unzstd(std::unique_ptr<ByteSource> packed, std::uint64_t most)
      : Unpacker(Compression::kZstandard, std::move(packed), most), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    constexpr int kLargestWindow = 27;  // 128 MB: the largest that packing makes unless it is asked for more
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kLargestWindow);
  }
  Unzstd(const Unzstd&) = delete;
  Unzstd& operator=(const Unzstd&) = delete;
  ~Unzstd() override { ZSTD_freeDCtx(context_); }

 private:
  Result<std::size_t> unpack(std::span<char> into) override {
    const std::span<char> packed = rest();
    if (between_ && packed.empty()) return std::size_t{0};
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_, &out, &in);
    take(in.pos);
    if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
    between_ = left == 0;
    return out.pos;
  }
  bool between() const override { return between_; }

  ZSTD_DCtx* const context_;
  bool between_ = true;
};

struct Beginning {
  std::string_view bytes;
  std::string_view what;
};

// Other things than text that people try.
constexpr std::array<Beginning, 4> kOthers = {{
    {{"PK\x03\x04", 4}, "a zip archive or a spreadsheet (.xlsx)"},
    {{"\xd0\xcf\x11\xe0", 4}, "a spreadsheet (.xls)"},
    {{"BZh", 3}, "packed by bzip2"},
    {{"\xfd"
      "7zXZ",
      5},
     "packed by xz"},
}};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstandard:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "none";
}

Result<Compression> compression_of(std::string_view beginning) {
  using namespace std::string_view_literals;
  if (beginning.starts_with("\x1f\x8b"sv)) return Compression::kGzip;
  if (beginning.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::kZstandard;
  // A table may begin with a column of such a name, but not go on with a control character.
  const bool parquet = beginning.size() > 4 && beginning.starts_with("PAR1") && is_control(beginning[4]);
  if (parquet)
    return invalid("this is a Parquet file, which is not read here; write it as CSV or JSON lines");
  for (const Beginning& other : kOthers) {
    const bool bzip = other.bytes == "BZh" &&
                      !beginning.substr(std::min<std::size_t>(4, beginning.size())).starts_with("1AY");
    if (!beginning.starts_with(other.bytes) || bzip) continue;
    return invalid(
        "this is " + std::string{other.what} +
        ", which is not read here; CSV, TSV and JSON lines are, as they are or packed by gzip or zstd");
  }
  return Compression::kNone;
}

std::unique_ptr<ByteSource> unpacked(Compression how, std::unique_ptr<ByteSource> packed,
                                     std::uint64_t most) {
  switch (how) {
    case Compression::kGzip:
      return std::make_unique<Gunzip>(std::move(packed), most);
    case Compression::kZstandard:
      return std::make_unique<Unzstd>(std::move(packed), most);
    case Compression::kNone:
      break;
  }
  return packed;
}

}  // namespace rankloop::tables
