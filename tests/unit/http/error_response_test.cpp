// The status and body of every error.
#include <gtest/gtest.h>

#include "http/message.h"

namespace rankloop {
namespace {

TEST(ErrorResponse, GivesEveryCodeItsStatus) {
  EXPECT_EQ(http::status_of(ErrorCode::kInvalidArgument), 422);
  EXPECT_EQ(http::status_of(ErrorCode::kNotFound), 404);
  EXPECT_EQ(http::status_of(ErrorCode::kFailedPrecondition), 409);
  EXPECT_EQ(http::status_of(ErrorCode::kResourceExhausted), 503);
  EXPECT_EQ(http::status_of(ErrorCode::kInternal), 500);
}

TEST(ErrorResponse, ShowsTheMessageAndNeverTheDetail) {
  const http::Response response = http::error_response(Error(ErrorCode::kNotFound, "no \"thing\"", "row 7"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"detail": "no \"thing\""})");
}

TEST(ErrorResponse, ListsFaultsAsFastApiDoes) {
  const Error error = invalid_fields({{{"body", "people_age", "2"}, "too old", "less_than_equal"},
                                      {{"query", "limit"}, "no number", "int_parsing"}});
  const http::Response response = http::error_response(error);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.body,
            R"({"detail": [{"loc": ["body", "people_age", 2], "msg": "too old", "type": "less_than_equal"}, )"
            R"({"loc": ["query", "limit"], "msg": "no number", "type": "int_parsing"}]})");
}

TEST(ErrorResponse, SaysWhenToComeAgain) {
  const http::Response response = http::error_response(Error(ErrorCode::kUnavailable, "busy"));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Retry-After");
  EXPECT_EQ(response.headers[0].second, "1");
}

}  // namespace
}  // namespace rankloop
