// Bytes, piece by piece, and where they come from: a text in memory or a file.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "error/result.h"

namespace rankloop::tables {

// A stream that is read once, by one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the beginning of `into`, which is not empty, and answers how many bytes it put there; 0: the end.
  // kInvalidArgument: the bytes are not what they seem to be; kUnavailable: they cannot be read.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  // How many bytes have been taken of what lies at the bottom: of the file as it is.
  virtual std::uint64_t taken() const = 0;
};

class FileDescriptor;

// Bytes that may be read more than once. Copies share the file or the text that they own. Thread-safe.
class Bytes {
 public:
  // Borrows the text.
  template <class Text>
    requires std::convertible_to<const Text&, std::string_view>
  Bytes(const Text& text) : text_(text), size_(text_.size()) {}  // NOLINT: implicit by intent

  // What is no regular file (a pipe) is copied into a temporary one first. kNotFound.
  static Result<Bytes> of_file(const std::string& file);
  // Owns the text.
  static Bytes of_text(std::string text);
  // A file of so many bytes.
  Bytes(std::shared_ptr<const FileDescriptor> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}

  std::unique_ptr<ByteSource> open() const;
  std::uint64_t size() const { return size_; }
  Result<std::string> all() const;

 private:
  class FileSource;
  class TextSource;

  std::string_view text_;
  std::shared_ptr<const std::string> own_;      // of which it is a view; none: it is borrowed
  std::shared_ptr<const FileDescriptor> file_;  // none: the text
  std::uint64_t size_ = 0;
};

}  // namespace rankloop::tables
