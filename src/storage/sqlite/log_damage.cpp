// Reads the frames of a write-ahead log and finds where they stop to add up.
#include "storage/log_damage.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

namespace rankloop::storage {
namespace {

constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kFrameHeadBytes = 24;
// The last bit says in which order of bytes the sums are made.
constexpr std::uint32_t kMagic = 0x377f0682;

using Bytes = std::span<const unsigned char>;

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         std::uint32_t{at[3]};
}

struct Sum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const Sum&) const = default;
};
struct Salt {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const Salt&) const = default;
};

// SQLite's running sum of words, two at a time.
Sum add(Sum sum, Bytes bytes, bool big) {
  const auto word = [big](const unsigned char* at) {
    const std::uint32_t value = big_endian(at);
    return big ? value : __builtin_bswap32(value);
  };
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    sum.first += word(&bytes[i]) + sum.second;
    sum.second += word(&bytes[i + 4]) + sum.first;
  }
  return sum;
}

struct Head {
  bool fits = false;
  bool big = std::endian::native == std::endian::big;
  std::size_t page = 0;
  Salt salt;
  Sum sum;
};

bool is_page_size(std::size_t size) {
  return size >= 512 && size <= 65'536 && std::has_single_bit(size);
}

Head read_head(Bytes bytes) {
  Head head;
  const std::uint32_t magic = big_endian(&bytes[0]);
  if ((magic & ~1U) != kMagic) return head;
  head.big = (magic & 1U) != 0;
  head.page = big_endian(&bytes[8]);
  head.salt = {big_endian(&bytes[16]), big_endian(&bytes[20])};
  head.sum = add({}, bytes.first(24), head.big);
  const Sum written{big_endian(&bytes[24]), big_endian(&bytes[28])};
  head.fits = is_page_size(head.page) && head.sum == written;
  return head;
}

// The size of a page as the database itself says it: two bytes, 1 for 65,536.
std::size_t page_size_of(const std::string& file) {
  constexpr std::streamoff kAt = 16;
  std::ifstream in{file, std::ios::binary};
  std::array<char, 2> bytes{};
  in.seekg(kAt).read(bytes.data(), bytes.size());
  const std::size_t size = static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1]);
  return size == 1 ? 65'536 : size;
}

struct Frame {
  Salt salt;
  Sum written;  // the sum that it says it has
  bool commits = false;
  explicit Frame(Bytes bytes)
      : salt{big_endian(&bytes[8]), big_endian(&bytes[12])},
        written{big_endian(&bytes[16]), big_endian(&bytes[20])},
        commits(big_endian(&bytes[4]) != 0) {}
};

// Follows the frames in their order. A frame's sum goes on from the one before, so that what stands behind a
// gap can be judged, too: by the sum that the frame before it says it has.
class Walk {
 public:
  explicit Walk(const Head& head) : head_(head), before_(head.sum) {
    if (!head.fits) damage_.frame = 0;
    whole_ = head.fits;
    salt_known_ = head.fits;
    damage_.salt = head.salt.first;
  }
  void take(Bytes bytes) {
    ++number_;
    const Frame frame(bytes);
    Sum sum = add(before_, bytes.first(8), head_.big);
    sum = add(sum, bytes.subspan(kFrameHeadBytes), head_.big);
    const bool fits = sum == frame.written && is_of_this_log(frame, sum == frame.written);
    before_ = frame.written;
    if (whole_ && fits) return;
    if (whole_) {
      whole_ = false;
      damage_.frame = number_;
    }
    if (!fits) return;
    ++damage_.lost_frames;
    damage_.lost_commits += frame.commits ? 1 : 0;
  }
  std::optional<LogDamage> found() const {
    return damage_.lost_commits > 0 ? std::optional{damage_} : std::nullopt;
  }

 private:
  // Older frames stand behind the newest ones, since the file is used again and again. Without a head the
  // first frame that fits to the one before it tells which log is the newest.
  bool is_of_this_log(const Frame& frame, bool fits) {
    if (!salt_known_ && fits && number_ > 1) {
      salt_ = frame.salt;
      salt_known_ = true;
      damage_.salt = frame.salt.first;
    }
    return salt_known_ && frame.salt == (head_.fits ? head_.salt : salt_);
  }

  const Head head_;
  Sum before_;
  Salt salt_;
  bool salt_known_ = false;
  bool whole_ = false;  // up to here
  std::int64_t number_ = 0;
  LogDamage damage_;
};

}  // namespace

Result<std::optional<LogDamage>> find_log_damage(const std::string& file) {
  const std::string log = file + "-wal";
  std::error_code fault;
  const std::uintmax_t size = std::filesystem::file_size(log, fault);
  if (fault || size <= kHeadBytes) return std::optional<LogDamage>{};
  std::ifstream in{log, std::ios::binary};
  std::vector<unsigned char> bytes(kHeadBytes);
  const auto read = [&in, &bytes] {
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(in.gcount()) == bytes.size();
  };
  if (!read()) {
    return Error{ErrorCode::kUnavailable, "cannot read '" + log + "': " + std::strerror(errno)};
  }
  Head head = read_head(bytes);
  if (!head.fits) head.page = page_size_of(file);
  if (!is_page_size(head.page)) return std::optional<LogDamage>{};  // the database itself is refused
  bytes.resize(kFrameHeadBytes + head.page);
  Walk walk{head};
  while (read()) walk.take(bytes);
  if (in.bad()) return Error{ErrorCode::kUnavailable, "cannot read '" + log + "': " + std::strerror(errno)};
  return walk.found();
}

std::string in_words(const LogDamage& damage, const std::string& file) {
  const std::string where = damage.frame == 0 ? "at its head" : "at frame " + std::to_string(damage.frame);
  return "the store's log '" + file + "-wal' is damaged " + where + ": " +
         std::to_string(damage.lost_commits) + " commits in " + std::to_string(damage.lost_frames) +
         " frames behind that cannot be read";
}

}  // namespace rankloop::storage
