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

}  // namespace rankloop::http
