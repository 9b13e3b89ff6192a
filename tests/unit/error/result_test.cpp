// Results, errors and their names.
#include "error/result.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

constexpr ErrorCode kEveryCode[] = {
    ErrorCode::kInvalidArgument,  ErrorCode::kUnauthenticated, ErrorCode::kPermissionDenied,
    ErrorCode::kNotFound,         ErrorCode::kAlreadyExists,   ErrorCode::kFailedPrecondition,
    ErrorCode::kAborted,          ErrorCode::kUnavailable,     ErrorCode::kResourceExhausted,
    ErrorCode::kDeadlineExceeded, ErrorCode::kUnimplemented,   ErrorCode::kDataLoss,
    ErrorCode::kInternal,
};

TEST(ErrorCode, HasANameOfItsOwnInSnakeCase) {
  std::set<std::string> names;
  for (const ErrorCode code : kEveryCode) {
    const std::string name = name_of(code);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
  }
  EXPECT_STREQ(name_of(ErrorCode::kNotFound), "not_found");
  EXPECT_STREQ(name_of(static_cast<ErrorCode>(999)), "internal");
}

TEST(Result, IsTrueWithAValue) {
  const Result<int> result{7};
  EXPECT_TRUE(result);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(*result, 7);
  EXPECT_EQ(result.value(), 7);
}

TEST(Result, IsFalseWithAnError) {
  const Result<int> result{Error{ErrorCode::kNotFound, "There is no film 7", "page 12"}};
  EXPECT_FALSE(result);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(result.error().message, "There is no film 7");
  EXPECT_EQ(result.error().detail, "page 12");
  EXPECT_TRUE(result.error().faults.empty());
}

TEST(Result, GivesAwayWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<std::string>> result{std::make_unique<std::string>("film")};
  EXPECT_EQ((*result)->size(), 4U);
  const std::unique_ptr<std::string> taken = *std::move(result);
  EXPECT_EQ(*taken, "film");
}

TEST(Result, ReachesMembersOfItsValue) {
  Result<std::string> result{std::string{"film"}};
  result->push_back('s');
  EXPECT_EQ(std::as_const(result)->size(), 5U);
}

// A value that could be taken for an error is still a value.
TEST(Result, HoldsABoolOfFalseAsSuccess) {
  const Result<bool> result{false};
  EXPECT_TRUE(result.ok());
  EXPECT_FALSE(*result);
}

TEST(Status, IsTrueUnlessItHoldsAnError) {
  const Status good;
  EXPECT_TRUE(good);
  Status bad{Error{ErrorCode::kAborted, "a stale fence"}};
  EXPECT_FALSE(bad);
  const Error error = std::move(bad).error();
  EXPECT_EQ(error.code, ErrorCode::kAborted);
  EXPECT_EQ(error.message, "a stale fence");
}

TEST(InvalidFields, KeepsEveryFaultAndSpeaksOfTheFirst) {
  const Error error =
      invalid_fields({{{"body", "people_age", "2"}, "Input should be a valid integer", "int_type"},
                      {{"body", "budget"}, "Field required", "missing"}});
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "body.people_age.2: Input should be a valid integer");
  ASSERT_EQ(error.faults.size(), 2U);
  EXPECT_EQ(error.faults[1], (FieldFault{{"body", "budget"}, "Field required", "missing"}));
}

TEST(InvalidFields, HasNoMessageWithoutFaults) {
  const Error error = invalid_fields({});
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "");
}

}  // namespace
}  // namespace rankloop
