// Bytes on their way to text: unpacked by their content, decoded by their mark or as asked.
#include "tables/text.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "tables/unnamed_file.h"

namespace rankloop::tables {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using namespace std::string_literals;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string copy = text;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// What can be read of it, or why it cannot.
std::string text_of(const Bytes& bytes, const TextOptions& options = {}) {
  Result<Text> text = open_text(bytes, options);
  if (!text) return text.error().message;
  TextWindow window{std::move(text->source)};
  std::string all;
  while (!window.ended()) {
    all += window.text();
    window.drop(window.text().size());
    window.more();
  }
  all += window.text();
  return window.status() ? all : window.status().error().message;
}

std::string encoded(const std::string& bytes, Encoding encoding) {
  return text_of(bytes, {.encoding = encoding});
}

// Not so regular that it packs to nothing.
std::string long_text() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919 % 100'003) + ",x\n";
  return text;
}

TEST(OpenText, TakesPlainTextAsItIs) {
  EXPECT_EQ(text_of("a,b\n"s), "a,b\n");
  EXPECT_EQ(text_of(""s), "");
  EXPECT_EQ(text_of("\xef\xbb\xbf"s
                    "a"),
            "a");
  EXPECT_EQ(text_of(long_text()), long_text());
}

TEST(OpenText, UnpacksByContent) {
  using Packer = std::string (*)(const std::string&);
  using Case = std::pair<Packer, Compression>;
  for (const auto& [pack, how] :
       {Case{gzipped, Compression::kGzip}, Case{zstandard, Compression::kZstandard}}) {
    const std::string packed = pack(long_text());
    EXPECT_LT(packed.size(), long_text().size());
    EXPECT_EQ(text_of(packed), long_text());
    EXPECT_EQ(open_text(packed, {})->compression, how);
    EXPECT_EQ(text_of(pack("")), "");
    EXPECT_EQ(text_of(pack("\xef\xbb\xbf"
                           "a,b\n")),
              "a,b\n");
    EXPECT_EQ(text_of(pack("one\n") + pack("") + pack("two\n")), "one\ntwo\n");
  }
}

TEST(OpenText, TellsWhatCannotBeUnpacked) {
  for (const auto& pack : {gzipped, zstandard}) {
    std::string packed = pack(long_text());
    EXPECT_THAT(text_of(packed.substr(0, packed.size() - 5)), HasSubstr("end early"));
    EXPECT_THAT(text_of(packed + "more"), HasSubstr("cannot be unpacked"));
    for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i)
      packed[i] = static_cast<char>(~packed[i]);
    EXPECT_THAT(text_of(packed), AnyOf(HasSubstr("cannot be unpacked"), HasSubstr("end early")));
  }
}

TEST(OpenText, RefusesBombs) {
  const std::string zeros(80U << 20, '0');
  for (const auto& pack : {gzipped, zstandard}) {
    const std::string packed = pack(zeros);
    EXPECT_THAT(text_of(packed), HasSubstr("more than 250 times its size"));
    EXPECT_THAT(text_of(packed, {.most = 1'000'000}), HasSubstr("more than 1000000 bytes"));
    EXPECT_EQ(text_of(pack(zeros.substr(0, 1'000'000)), {.most = 1'000'000}).size(), 1'000'000U);
  }
}

TEST(OpenText, NamesWhatItDoesNotRead) {
  EXPECT_THAT(text_of("PAR1\x15\x04\x15"s), HasSubstr("Parquet"));
  EXPECT_THAT(text_of("PK\x03\x04..."s), HasSubstr(".xlsx"));
  EXPECT_THAT(text_of("BZh91AY&SY"s), HasSubstr("bzip2"));
  EXPECT_THAT(text_of("\xfd"s
                      "7zXZ"s +
                      "\0"s),
              HasSubstr("xz"));
  EXPECT_EQ(text_of("PAR1,PAR2\n"s), "PAR1,PAR2\n");
  EXPECT_EQ(text_of("BZh,a\n"s), "BZh,a\n");
}

TEST(OpenText, DecodesLatin1WhenAsked) {
  EXPECT_EQ(encoded("caf\xe9,5\x80,\x93\x94,\x81\n", Encoding::kLatin1), "café,5€,“”,\xc2\x81\n");
  EXPECT_EQ(text_of("caf\xe9"s), "caf\xe9");  // the reader of rows tells where that is
  EXPECT_EQ(encoded("\xef\xbb\xbf"
                    "caf\xc3\xa9",
                    Encoding::kLatin1),
            "café");  // a mark is surer
  EXPECT_EQ(encoded(gzipped("caf\xe9"), Encoding::kLatin1), "café");
}

TEST(OpenText, DecodesUtf16ByItsMarkOrWhenAsked) {
  const std::string little = "a\0\xe9\0\xac\x20\x3d\xd8\x00\xde"s;  // a, é, €, an emoji of two units
  const std::string big = "\0a\0\xe9\x20\xac\xd8\x3d\xde\x00"s;
  const std::string wanted = "aé€\xf0\x9f\x98\x80";
  EXPECT_EQ(text_of("\xff\xfe" + little), wanted);
  EXPECT_EQ(text_of("\xfe\xff" + big), wanted);
  EXPECT_EQ(encoded(little, Encoding::kUtf16), wanted);
  EXPECT_EQ(encoded("\xfe\xff" + big, Encoding::kUtf16), wanted);
  EXPECT_EQ(encoded(little, Encoding::kUtf16Le), wanted);
  EXPECT_EQ(encoded(big, Encoding::kUtf16Be), wanted);
  EXPECT_EQ(open_text("\xfe\xff" + big, {})->encoding, Encoding::kUtf16Be);
  EXPECT_THAT(text_of(little), HasSubstr("utf-16le"));
  EXPECT_THAT(text_of(big), HasSubstr("utf-16be"));
}

TEST(OpenText, MakesNoTextOfHalvesOfUtf16) {
  EXPECT_EQ(encoded("\x3d\xd8\x61\x00"s, Encoding::kUtf16Le),
            "\xed\xa0\xbd"
            "a");
  EXPECT_EQ(encoded("\x00\xde"s, Encoding::kUtf16Le), "\xed\xb8\x80");
  EXPECT_EQ(encoded("\x3d\xd8"s, Encoding::kUtf16Le), "\xed\xa0\xbd");
  EXPECT_EQ(encoded("a\0b"s, Encoding::kUtf16Le), "a\xff");
}

TEST(EncodingOf, KnowsTheNames) {
  EXPECT_EQ(encoding_of("ISO-8859-1"), Encoding::kLatin1);
  EXPECT_EQ(encoding_of("windows-1252"), Encoding::kLatin1);
  EXPECT_EQ(encoding_of("UTF-8"), Encoding::kUtf8);
  EXPECT_EQ(encoding_of("auto"), Encoding::kAuto);
  EXPECT_FALSE(encoding_of("ebcdic"));
}

class BytesOfFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "rankloop-tables-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(BytesOfFile, AreReadAsOftenAsNeeded) {
  const auto file = folder_ / "a.csv";
  std::ofstream{file} << long_text();
  const auto bytes = Bytes::of_file(file);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), long_text().size());
  EXPECT_EQ(text_of(*bytes), long_text());
  EXPECT_EQ(text_of(*bytes), long_text());
  EXPECT_EQ(*bytes->all(), long_text());
}

TEST_F(BytesOfFile, AreKeptOfAPipe) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer{[&] { std::ofstream{pipe} << long_text(); }};
  const auto bytes = Bytes::of_file(pipe);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(text_of(*bytes), long_text());
  EXPECT_EQ(text_of(*bytes), long_text());
}

TEST_F(BytesOfFile, AreWrittenWithoutAName) {
  const auto made = UnnamedFile::make(folder_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE((*made)->append("a,b\n"));
  EXPECT_TRUE((*made)->append("1,2\n"));
  EXPECT_EQ((*made)->size(), 8U);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  const Bytes bytes = (*made)->bytes();
  EXPECT_EQ(bytes.size(), 8U);
  EXPECT_EQ(text_of(bytes), "a,b\n1,2\n");
  EXPECT_EQ(text_of(bytes), "a,b\n1,2\n");
  const auto none = UnnamedFile::make(folder_ / "none");
  EXPECT_EQ(none.error().code, ErrorCode::kUnavailable);
}

TEST(BytesOfText, OwnTheText) {
  const auto source = Bytes::of_text(long_text()).open();
  std::string read(long_text().size(), ' ');
  EXPECT_EQ(source->read(read).value(), read.size());
  EXPECT_EQ(read, long_text());
}

TEST_F(BytesOfFile, AreRefusedWhereThereAreNone) {
  EXPECT_EQ(Bytes::of_file(folder_ / "none.csv").error().code, ErrorCode::kNotFound);
  EXPECT_THAT(Bytes::of_file(folder_).error().message, HasSubstr("folder"));
}

}  // namespace
}  // namespace rankloop::tables
