// zlib and gzip bodies, opened within a bound.
#include "queue/celery/inflate.h"

#include <zlib.h>

namespace rankloop::queue::celery {
namespace {

constexpr std::size_t kMostPlainBytes = 16U << 20U;
constexpr std::size_t kStep = 64U << 10U;
constexpr int kZlibOrGzip = 15 + 32;  // the largest window; 32 looks at the first bytes for the kind

class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, kZlibOrGzip) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // zlib's word for how it ended; Z_STREAM_END is the good one.
  int run(std::string_view compressed, std::string& plain) {
    if (!ready_) return Z_MEM_ERROR;
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));  // zlib does not write there
    stream_.avail_in = static_cast<uInt>(compressed.size());
    int word = Z_OK;
    while (word == Z_OK && plain.size() <= kMostPlainBytes) {
      const std::size_t done = plain.size();
      plain.resize(done + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(plain.data() + done);
      stream_.avail_out = static_cast<uInt>(kStep);
      word = inflate(&stream_, Z_NO_FLUSH);
      plain.resize(plain.size() - stream_.avail_out);
    }
    return word;
  }

 private:
  z_stream stream_{};
  bool ready_;
};

}  // namespace

Result<std::string> inflate_body(std::string_view compressed) {
  std::string plain;
  const int word = Inflater{}.run(compressed, plain);
  if (plain.size() > kMostPlainBytes)
    return Error{ErrorCode::kInvalidArgument, "the compressed body has more than 16 MB inside"};
  if (word != Z_STREAM_END)
    return Error{ErrorCode::kInvalidArgument, "the body is no complete stream of gzip or zlib"};
  return plain;
}

}  // namespace rankloop::queue::celery
