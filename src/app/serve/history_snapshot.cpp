// The file: a line that says what it is, the plan, the position and what happened there, the fold, and the
// SHA-256 of all that.
#include "app/serve/history_snapshot.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include "app/sha256.h"
#include "ml/random_numbers.h"
#include "storage/new_file.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kFirstLine = "rankloop histories 1\n";
constexpr std::size_t kMostPlan = 1 << 20;  // bytes of its text
constexpr std::size_t kHexOfSha256 = 64;

class Writer {
 public:
  explicit Writer(storage::NewFile& file) : file_(file) {}
  void put(std::span<const std::byte> bytes) {
    if (!status_) return;
    sum_.add(bytes);
    status_ = file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  template <class Number>
  void put_number(Number number) {
    put(std::as_bytes(std::span(&number, 1)));
  }
  void put_text(std::string_view text) { put(std::as_bytes(std::span(text))); }
  Status end() {
    if (status_) status_ = file_.write(sum_.hex());
    return status_;
  }

 private:
  storage::NewFile& file_;
  Sha256 sum_;
  Status status_;
};

class Reader {
 public:
  explicit Reader(const std::string& file) : in_(file, std::ios::binary) {
    std::error_code fault;
    const std::uintmax_t size = std::filesystem::file_size(file, fault);
    if (!fault && size > kHexOfSha256) left_ = size - kHexOfSha256;
  }
  std::size_t left() const { return left_; }  // bytes before the sum
  bool take(std::span<std::byte> bytes) {
    if (bytes.size() > left_) return false;
    if (!in_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
      return false;
    sum_.add(bytes);
    left_ -= bytes.size();
    return true;
  }
  template <class Number>
  bool take_number(Number& number) {
    return take(std::as_writable_bytes(std::span(&number, 1)));
  }
  // Is this what comes next?
  bool meets(std::string_view text) {
    std::string found(text.size(), '\0');
    return take(std::as_writable_bytes(std::span(found))) && found == text;
  }
  // Is nothing left but the sum of what was taken?
  bool ends() {
    std::array<char, kHexOfSha256> told{};
    return left_ == 0 && in_.read(told.data(), told.size()) &&
           std::string_view(told.data(), told.size()) == sum_.hex();
  }

 private:
  std::ifstream in_;
  std::size_t left_ = 0;
  Sha256 sum_;
};

bool read_state(Reader& reader, const ml::HistoryPlan& plan, HistorySnapshot& snapshot,
                ml::HistoryFold& fold) {
  const std::string fingerprint = plan.fingerprint();
  std::uint64_t length = 0;
  return reader.meets(kFirstLine) && reader.take_number(length) && length <= kMostPlan &&
         length == fingerprint.size() && reader.meets(fingerprint) && reader.take_number(snapshot.position) &&
         reader.take_number(snapshot.last) &&
         fold.read(reader.left(), [&](std::span<std::byte> bytes) { return reader.take(bytes); }) &&
         reader.ends();
}

}  // namespace

std::uint64_t hash_of(const storage::Happening& happening) {
  std::uint64_t hash = 0;
  const auto mix = [&](auto number) { hash = ml::mix_bits(hash ^ static_cast<std::uint64_t>(number)); };
  mix(happening.position);
  mix(happening.at.time_since_epoch().count());
  mix(happening.catalog_version);
  mix(ml::hash_text(happening.kind));
  for (const ItemId item : happening.items) mix(item.value);
  mix(std::bit_cast<std::uint64_t>(happening.value));
  mix(std::bit_cast<std::uint64_t>(happening.people));
  return hash;
}

Status keep_snapshot(const std::string& file, const ml::HistoryPlan& plan, const ml::HistoryFold& fold,
                     const HistorySnapshot& snapshot) {
  const auto made = storage::NewFile::make(file + ".new");
  if (!made) return made.error();
  Writer writer(**made);
  const std::string fingerprint = plan.fingerprint();
  writer.put_text(kFirstLine);
  writer.put_number(std::uint64_t{fingerprint.size()});
  writer.put_text(fingerprint);
  writer.put_number(snapshot.position);
  writer.put_number(snapshot.last);
  fold.write([&](std::span<const std::byte> bytes) { writer.put(bytes); });
  if (const Status written = writer.end(); !written) return written;
  return (*made)->take_name(file, true);
}

Result<std::optional<HistorySnapshot>> read_snapshot(const std::string& file, const ml::HistoryPlan& plan,
                                                     storage::HistoryReads& store, ml::HistoryFold& fold) {
  Reader reader(file);
  HistorySnapshot snapshot;
  if (!read_state(reader, plan, snapshot, fold)) return std::optional<HistorySnapshot>();
  bool is_ours = false;
  const Status read = store.each_happening(snapshot.position - 1, storage::HistoryReads::Requests::kUntold,
                                           [&](const storage::Happening& happening) {
                                             is_ours = happening.position == snapshot.position &&
                                                       hash_of(happening) == snapshot.last;
                                             return false;
                                           });
  if (!read) return read.error();
  return is_ours ? std::optional(snapshot) : std::nullopt;
}

}  // namespace rankloop::app
