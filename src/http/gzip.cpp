// zlib behind two calls.
#include "http/gzip.h"

#include <array>
#include <stdexcept>

#include <zlib.h>

namespace rankloop::http {

namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib's way to say "a gzip header, the largest window"

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::runtime_error("zlib cannot start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream* operator->() { return &stream_; }
  int step() { return inflate(&stream_, Z_NO_FLUSH); }

 private:
  z_stream stream_{};
};

}  // namespace

std::string gunzip(std::string_view compressed) {
  Inflater inflater;
  std::string copy(compressed);  // zlib does not promise const
  inflater->next_in = reinterpret_cast<Bytef*>(copy.data());
  inflater->avail_in = static_cast<uInt>(copy.size());
  std::array<char, 64U << 10> piece;
  std::string out;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    inflater->next_out = reinterpret_cast<Bytef*>(piece.data());
    inflater->avail_out = static_cast<uInt>(piece.size());
    state = inflater.step();
    if (state != Z_OK && state != Z_STREAM_END) throw std::runtime_error("a compressed asset is broken");
    out.append(piece.data(), piece.size() - inflater->avail_out);
  }
  return out;
}

std::string gzip(std::string_view plain) {
  constexpr int kQuickly = 1;
  constexpr int kPresetMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, kQuickly, Z_DEFLATED, kGzipOnly, kPresetMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int state = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (state != Z_STREAM_END) throw std::runtime_error("zlib could not compress");
  return out;
}

}  // namespace rankloop::http
