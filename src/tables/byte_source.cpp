// Texts and files as streams of bytes.
#include "tables/byte_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rankloop::tables {
namespace {

constexpr std::size_t kPiece = 64U << 10;

std::string reason() {
  return std::generic_category().message(errno);
}

}  // namespace

class Bytes::Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  const int number_;
};

class Bytes::TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const override { return at_; }

 private:
  const std::string_view text_;
  std::size_t at_ = 0;
};

// Has its own place in the file, so that several may read it.
class Bytes::FileSource : public ByteSource {
 public:
  explicit FileSource(std::shared_ptr<const Descriptor> file) : file_(std::move(file)) {}
  Result<std::size_t> read(std::span<char> into) override {
    while (true) {
      const auto got = ::pread(file_->number(), into.data(), into.size(), static_cast<off_t>(at_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Error{ErrorCode::kUnavailable, "the file cannot be read: " + reason()};
      at_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
  }
  std::uint64_t taken() const override { return at_; }

 private:
  const std::shared_ptr<const Descriptor> file_;
  std::uint64_t at_ = 0;
};

namespace {

// A file without a name, which is gone when it is closed.
int temporary_file() {
  std::error_code fault;
  std::string folder = std::filesystem::temp_directory_path(fault).string();
  if (fault) folder = "/tmp";
  std::string name = folder + "/rankloop-XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(name.c_str());
  return file;
}

// kUnavailable: it cannot be read, or there is no room for it.
Status copy(int from, int to) {
  std::array<char, kPiece> piece;
  while (true) {
    const auto got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) return {};
    if (got < 0) return Error{ErrorCode::kUnavailable, reason()};
    for (std::size_t done = 0; done < static_cast<std::size_t>(got);) {
      const auto put = ::write(to, piece.data() + done, static_cast<std::size_t>(got) - done);
      if (put < 0 && errno != EINTR) return Error{ErrorCode::kUnavailable, reason()};
      done += static_cast<std::size_t>(std::max<ssize_t>(put, 0));
    }
  }
}

}  // namespace

Result<Bytes> Bytes::of_file(const std::string& file) {
  const auto fault = [&](const std::string& why) {
    return Error{ErrorCode::kNotFound, "cannot read '" + file + "': " + why};
  };
  auto opened = std::make_shared<const Descriptor>(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about{};
  if (opened->number() < 0 || ::fstat(opened->number(), &about) != 0) return fault(reason());
  if (S_ISDIR(about.st_mode)) return fault("it is a folder");
  if (!S_ISREG(about.st_mode)) {
    auto kept = std::make_shared<const Descriptor>(temporary_file());
    if (kept->number() < 0) return fault(reason());
    if (Status copied = copy(opened->number(), kept->number()); !copied) return fault(copied.error().message);
    if (::fstat(kept->number(), &about) != 0) return fault(reason());
    opened = std::move(kept);
  }
  Bytes bytes{std::string_view{}};
  bytes.file_ = std::move(opened);
  bytes.size_ = static_cast<std::uint64_t>(about.st_size);
  return bytes;
}

std::unique_ptr<ByteSource> Bytes::open() const {
  if (file_) return std::make_unique<FileSource>(file_);
  return std::make_unique<TextSource>(text_);
}

Result<std::string> Bytes::all() const {
  std::string text;
  text.reserve(size_);
  std::array<char, kPiece> piece;
  const std::unique_ptr<ByteSource> source = open();
  while (true) {
    const Result<std::size_t> got = source->read(piece);
    if (!got) return got.error();
    if (*got == 0) return text;
    text.append(piece.data(), *got);
  }
}

}  // namespace rankloop::tables
