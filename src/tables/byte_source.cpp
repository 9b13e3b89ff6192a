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

#include "tables/file_descriptor.h"
#include "tables/unnamed_file.h"

namespace rankloop::tables {
namespace {

constexpr std::size_t kPiece = 64U << 10;

std::string reason() {
  return std::generic_category().message(errno);
}

}  // namespace

class Bytes::TextSource : public ByteSource {
 public:
  TextSource(std::string_view text, std::shared_ptr<const std::string> own)
      : text_(text), own_(std::move(own)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const override { return at_; }

 private:
  const std::string_view text_;
  const std::shared_ptr<const std::string> own_;
  std::size_t at_ = 0;
};

// Has its own place in the file, so that several may read it.
class Bytes::FileSource : public ByteSource {
 public:
  explicit FileSource(std::shared_ptr<const FileDescriptor> file) : file_(std::move(file)) {}
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
  const std::shared_ptr<const FileDescriptor> file_;
  std::uint64_t at_ = 0;
};

namespace {

std::string temporary_folder() {
  std::error_code fault;
  const std::string folder = std::filesystem::temp_directory_path(fault).string();
  return fault ? "/tmp" : folder;
}

// kUnavailable: it cannot be read, or there is no room for it.
Status copy(int from, UnnamedFile& to) {
  std::array<char, kPiece> piece;
  while (true) {
    const auto got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) return {};
    if (got < 0) return Error{ErrorCode::kUnavailable, reason()};
    if (Status put = to.append({piece.data(), static_cast<std::size_t>(got)}); !put) return put;
  }
}

}  // namespace

Result<Bytes> Bytes::of_file(const std::string& file) {
  const auto fault = [&](const std::string& why) {
    return Error{ErrorCode::kNotFound, "cannot read '" + file + "': " + why};
  };
  auto opened = std::make_shared<const FileDescriptor>(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about{};
  if (opened->number() < 0 || ::fstat(opened->number(), &about) != 0) return fault(reason());
  if (S_ISDIR(about.st_mode)) return fault("it is a folder");
  if (S_ISREG(about.st_mode)) return Bytes{std::move(opened), static_cast<std::uint64_t>(about.st_size)};
  const auto kept = UnnamedFile::make(temporary_folder());
  if (!kept) return fault(kept.error().message);
  if (Status copied = copy(opened->number(), **kept); !copied) return fault(copied.error().message);
  return (*kept)->bytes();
}

Bytes Bytes::of_text(std::string text) {
  auto own = std::make_shared<const std::string>(std::move(text));
  Bytes bytes{*own};
  bytes.own_ = std::move(own);
  return bytes;
}

std::unique_ptr<ByteSource> Bytes::open() const {
  if (file_) return std::make_unique<FileSource>(file_);
  return std::make_unique<TextSource>(text_, own_);
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
