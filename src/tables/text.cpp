// Unpacks, decodes, and keeps the part of a text that is being read.
#include "tables/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace rankloop::tables {
namespace {

constexpr std::size_t kLeastWindow = 256U << 10;

// A source whose beginning has been looked at.
class Begun : public ByteSource {
 public:
  explicit Begun(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // The first bytes, as many as there are up to eight.
  Result<std::string_view> look() {
    while (have_ < beginning_.size()) {
      const Result<std::size_t> got = source_->read(std::span{beginning_}.subspan(have_));
      if (!got) return got.error();
      if (*got == 0) break;
      have_ += *got;
    }
    return std::string_view{beginning_.data(), have_};
  }
  void skip(std::size_t bytes) { at_ = bytes; }

  Result<std::size_t> read(std::span<char> into) override {
    if (at_ == have_) return source_->read(into);
    const std::size_t size = std::min(into.size(), have_ - at_);
    std::copy_n(beginning_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  std::uint64_t taken() const override { return source_->taken(); }

 private:
  const std::unique_ptr<ByteSource> source_;
  std::array<char, 8> beginning_{};
  std::size_t have_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

Result<Text> open_text(const Bytes& bytes, const TextOptions& options) {
  Text text;
  auto packed = std::make_unique<Begun>(bytes.open());
  const Result<std::string_view> beginning = packed->look();
  if (!beginning) return beginning.error();
  const Result<Compression> compression = compression_of(*beginning);
  if (!compression) return compression.error();
  text.compression = *compression;
  auto encoded = std::make_unique<Begun>(unpacked(*compression, std::move(packed), options.most));
  const Result<std::string_view> letters = encoded->look();
  if (!letters) return letters.error();
  const Result<Mark> mark = mark_of(*letters, options.encoding);
  if (!mark) return mark.error();
  encoded->skip(mark->size);
  text.encoding = mark->encoding;
  text.source = decoded(mark->encoding, std::move(encoded));
  return text;
}

void TextWindow::more() {
  if (ended_) return;
  const std::size_t kept = view_.size();
  const std::size_t wanted = std::max(2 * kept, kLeastWindow);
  if (buffer_.size() < wanted) {
    std::vector<char> larger(wanted);
    std::copy(view_.begin(), view_.end(), larger.begin());
    buffer_ = std::move(larger);
  } else if (kept > 0) {
    std::memmove(buffer_.data(), view_.data(), kept);
  }
  std::size_t size = kept;
  while (size < wanted && !ended_) {
    const Result<std::size_t> got = source_->read(std::span{buffer_}.subspan(size, wanted - size));
    if (!got) status_ = got.error();
    ended_ = !got || *got == 0;
    if (got) size += *got;
  }
  view_ = {buffer_.data(), size};
}

}  // namespace rankloop::tables
