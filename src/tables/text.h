// A table's or JSON lines' bytes as UTF-8 text, whatever they are packed by and encoded in, and a window that
// moves over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "tables/byte_source.h"
#include "tables/compression.h"
#include "tables/encoding.h"

namespace rankloop::tables {

struct TextOptions {
  Encoding encoding = Encoding::kAuto;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();  // bytes that packed ones may become
};

struct Text {
  std::unique_ptr<ByteSource> source;  // UTF-8 without a mark; see not_utf8() for what is not
  Compression compression = Compression::kNone;
  Encoding encoding = Encoding::kUtf8;
};

// kInvalidArgument: the bytes are of a kind that is not read, or their encoding cannot be told.
Result<Text> open_text(const Bytes& bytes, const TextOptions& options);

// What lies before the reader of a text. Used by one thread.
class TextWindow {
 public:
  explicit TextWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // The whole text is the window. Borrows it.
  explicit TextWindow(std::string_view text) : view_(text), ended_(true) {}

  std::string_view text() const { return view_; }
  bool ended() const { return ended_; }  // nothing comes behind text(), or nothing can be read
  const Status& status() const { return status_; }
  std::uint64_t taken() const { return source_ ? source_->taken() : dropped_; }
  std::uint64_t dropped() const { return dropped_; }  // bytes of the text

  // Takes bytes off the front. Views of the text stay valid until more().
  void drop(std::size_t bytes) {
    view_.remove_prefix(bytes);
    dropped_ += bytes;
  }
  // Reads on behind text(), twice as much as it has, at least 256 KB.
  void more();

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::string_view view_;
  std::uint64_t dropped_ = 0;
  bool ended_ = false;
  Status status_;
};

}  // namespace rankloop::tables
