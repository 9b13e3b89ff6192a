// Lines to a reader that is slow or gone.
#include "telemetry/line_stream.h"

#include <array>
#include <chrono>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rankloop::telemetry {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string told_of(std::uint64_t lines) {
  return std::to_string(lines) + " lost\n";
}

std::string numbered(int number) {
  std::string line = "line " + std::to_string(number) + ' ';
  return line.append(200, '.') + '\n';
}

// Both ends of a pipe, or of a pair of sockets.
class LineStreamTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    const int code = GetParam() ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) : ::pipe(ends_.data());
    ASSERT_EQ(code, 0);
  }
  void TearDown() override { close_both(); }
  void close_both() {
    for (int& end : ends_) {
      if (end >= 0) ::close(end);
      end = -1;
    }
  }
  // What comes until it ends with `last`.
  std::string read_until(const std::string& last) {
    std::string text;
    std::array<char, 65'536> bytes{};
    while (!text.ends_with(last)) {
      pollfd asked{ends_[0], POLLIN, 0};
      if (::poll(&asked, 1, 20'000) != 1) return text + "<nothing more came>";
      const ssize_t got = ::read(ends_[0], bytes.data(), bytes.size());
      if (got <= 0) return text + "<the end>";
      text.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  int to() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST_P(LineStreamTest, WritesAtOnceWhereThereIsRoom) {
  LineStream stream{to(), told_of};
  stream.write("one\n");
  stream.write("two\n");
  EXPECT_EQ(read_until("two\n"), "one\ntwo\n");
}

TEST_P(LineStreamTest, NeverWaitsForItsReaderAndSaysWhatWasLost) {
  LineStream stream{to(), told_of};
  constexpr int kLines = 20'000;  // 4 MB, many times what there is room for
  for (int i = 0; i < kLines; ++i) stream.write(numbered(i));
  const std::string text = read_until(" lost\n");
  EXPECT_THAT(text, StartsWith(numbered(0) + numbered(1)));
  EXPECT_THAT(text, EndsWith(" lost\n"));
  const std::size_t before_told = text.rfind('\n', text.size() - 2) + 1;
  const int lost = std::stoi(text.substr(before_told));
  const int whole = static_cast<int>(std::count(text.begin(), text.end(), '\n')) - 1;
  EXPECT_EQ(whole + lost, kLines);
  EXPECT_THAT(text, HasSubstr(numbered(whole - 1)));  // in order, none torn
  stream.write("afterwards\n");
  EXPECT_EQ(read_until("afterwards\n"), "afterwards\n");
}

TEST_P(LineStreamTest, EndsThoughNobodyReads) {
  {
    LineStream stream{to(), told_of};
    for (int i = 0; i < 20'000; ++i) stream.write(numbered(i));
  }
  SUCCEED();
}

TEST_P(LineStreamTest, LetsThoseWhoShareTheDescriptorBlock) {
  const LineStream stream{to(), told_of};
  EXPECT_EQ(::fcntl(to(), F_GETFL) & O_NONBLOCK, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LineStreamTest, testing::Values(false, true),
                         [](const auto& kind) { return kind.param ? "Socket" : "Pipe"; });

}  // namespace
}  // namespace rankloop::telemetry
