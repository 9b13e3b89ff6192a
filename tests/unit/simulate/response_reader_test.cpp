// HTTP responses in pieces.
#include "simulate/response_reader.h"

#include <cstring>

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

using Outcome = ResponseReader::Outcome;

void feed(ResponseReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = reader.space();
    const std::size_t part = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), part);
    reader.received(part);
    bytes.remove_prefix(part);
  }
}

std::string response(std::string_view body, std::string_view headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string{headers} + "\r\n" + std::string{body};
}

std::string fault_of(std::string_view bytes) {
  ResponseReader reader;
  feed(reader, bytes);
  return reader.next() == Outcome::kBad ? reader.fault() : "accepted";
}

TEST(ResponseReader, ReadsAResponse) {
  ResponseReader reader;
  EXPECT_EQ(reader.next(), Outcome::kIncomplete);
  feed(reader, response("{\"a\":1}", "Retry-After: 3\r\n"));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().status, 200);
  EXPECT_EQ(reader.response().body, "{\"a\":1}");
  EXPECT_TRUE(reader.response().keep_alive);
  EXPECT_EQ(reader.response().retry_after, std::chrono::seconds{3});
  reader.consume();
  EXPECT_TRUE(reader.empty());
  EXPECT_EQ(reader.next(), Outcome::kIncomplete);
}

TEST(ResponseReader, ReadsAResponseThatComesByteByByte) {
  const std::string bytes = response("hello", "X-Request-Id: abc\r\n");
  ResponseReader reader;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    feed(reader, bytes.substr(i, 1));
    ASSERT_EQ(reader.next(), Outcome::kIncomplete) << i;
  }
  feed(reader, bytes.substr(bytes.size() - 1));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "hello");
}

TEST(ResponseReader, ReadsPipelinedResponsesInTheirOrder) {
  ResponseReader reader;
  const std::string third = response("three");
  feed(reader, response("one") + response("") + third.substr(0, 30));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "one");
  reader.consume();
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "");
  reader.consume();
  ASSERT_EQ(reader.next(), Outcome::kIncomplete);
  feed(reader, third.substr(30));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "three");
}

TEST(ResponseReader, ReadsManyLargeResponses) {
  const std::string body(3'000'000, 'x');
  ResponseReader reader;
  for (int i = 0; i < 3; ++i) {
    feed(reader, response(body));
    ASSERT_EQ(reader.next(), Outcome::kComplete);
    EXPECT_EQ(reader.response().body, body);
    reader.consume();
  }
}

TEST(ResponseReader, PassesOverInterimResponses) {
  ResponseReader reader;
  feed(reader, "HTTP/1.1 100 Continue\r\n\r\n" + response("late"));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "late");
}

TEST(ResponseReader, KnowsWhenTheConnectionEnds) {
  ResponseReader reader;
  feed(reader, response("", "Connection: Close\r\n"));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_FALSE(reader.response().keep_alive);
  reader.consume();
  feed(reader, "HTTP/1.0 204 No Content\r\n\r\n");
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().status, 204);
  EXPECT_FALSE(reader.response().keep_alive);
}

TEST(ResponseReader, RefusesWhatItDoesNotRead) {
  EXPECT_NE(
      fault_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").find("Transfer-Encoding"),
      std::string::npos);
  EXPECT_NE(fault_of("HTTP/1.1 200 OK\r\n\r\n").find("no Content-Length"), std::string::npos);
  for (const char* length : {"-1", "", "1x", "99999999999999999999", "999999999999"}) {
    EXPECT_NE(
        fault_of("HTTP/1.1 200 OK\r\nContent-Length: " + std::string{length} + "\r\n\r\n").find("wrong"),
        std::string::npos)
        << length;
  }
  EXPECT_NE(fault_of("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab").find("wrong"),
            std::string::npos);
  EXPECT_NE(fault_of("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n").find("colon"), std::string::npos);
  for (const char* line :
       {"HTTP/2 200", "SSH-2.0-x", "HTTP/1.1 20", "HTTP/1.1 abc OK", "HTTP/1.1 2000", "HTTP/1.1 -20"}) {
    EXPECT_NE(fault_of(std::string{line} + "\r\n\r\n").find("not HTTP"), std::string::npos) << line;
  }
  EXPECT_NE(fault_of("HTTP/1.1 200 OK\r\n" + std::string(70'000, 'x')).find("64 KiB"), std::string::npos);
}

TEST(ResponseReader, StartsAfreshAfterAReset) {
  ResponseReader reader;
  feed(reader, "nonsense\r\n\r\n");
  EXPECT_EQ(reader.next(), Outcome::kBad);
  EXPECT_EQ(reader.next(), Outcome::kBad);
  reader.reset();
  feed(reader, response("fine"));
  ASSERT_EQ(reader.next(), Outcome::kComplete);
  EXPECT_EQ(reader.response().body, "fine");
}

}  // namespace
}  // namespace rankloop::simulate
