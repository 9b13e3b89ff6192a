// What is JSON here and what is not.
#include "domain/strict_json.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rankloop {
namespace {

std::string reason(std::string_view text, const JsonBounds& bounds = {}) {
  const auto value = parse_strict_json(text, {}, bounds);
  if (value) return "accepted";
  EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgument);
  if (value.error().faults.size() != 1) return "not one fault";
  EXPECT_EQ(value.error().faults[0].type, "json_invalid");
  return value.error().faults[0].msg;
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

std::string string_text(std::string_view string) {
  std::string text;
  append_json_string(text, string);
  return text;
}

TEST(StrictJson, ReadsEveryKindOfValue) {
  constexpr std::string_view kText = R"({"a":[1,-2,2.5,true,false,null],"b":{"c":"x\u00e9\n"},"d":[]})";
  const auto value = parse_strict_json(kText);
  ASSERT_TRUE(value);
  EXPECT_EQ(boost::json::serialize(*value),
            "{\"a\":[1,-2,2.5E0,true,false,null],\"b\":{\"c\":\"x\xC3\xA9\\n\"},\"d\":[]}");
}

TEST(StrictJson, TakesBlankSpaceAroundTheValueOnly) {
  EXPECT_TRUE(parse_strict_json(" \t\r\n{} \n"));
  EXPECT_EQ(reason("{} x"), "not valid JSON at byte 3: something follows after the value");
  EXPECT_EQ(reason("{}{}"), "not valid JSON at byte 2: something follows after the value");
}

TEST(StrictJson, RefusesWhatIsNotComplete) {
  for (const char* text : {"", " ", "{", "[1", "{\"a\"", "{\"a\":", "\"a", "tru", "-"}) {
    EXPECT_NE(reason(text), "accepted") << text;
  }
}

TEST(StrictJson, RefusesWhatOtherParsersTolerate) {
  for (const char* text : {"NaN", "Infinity", "-Infinity", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "01", "+1",
                           ".5", "1.", "/* */1", "\"\t\"", "\xEF\xBB\xBF{}"}) {
    EXPECT_NE(reason(text), "accepted") << text;
  }
}

TEST(StrictJson, RefusesInvalidUtf8AndLoneSurrogates) {
  for (const char* text : {"\"\xff\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"",
                           "\"\xE2\x82\"", "\"\\ud800\"", "\"\\udc00x\"", "{\"\xff\":1}"}) {
    EXPECT_NE(reason(text), "accepted") << text;
  }
}

TEST(StrictJson, RefusesAKeyThatAppearsTwiceAndNamesItsPlace) {
  EXPECT_EQ(reason(R"({"a":1,"b":2,"a":3})"),
            "not valid JSON at byte 14: the key \"a\" appears twice in one object");
  EXPECT_EQ(reason(R"([{"x":{"k":1,"k":1}}])"),
            "not valid JSON at byte 14: the key \"k\" appears twice in one object");
}

TEST(StrictJson, RefusesARepeatedKeyThatIsWrittenInAnotherWay) {
  EXPECT_NE(reason(R"({"a":1,"\u0061":3})"), "accepted");
  EXPECT_NE(reason(R"({"\u0061":1,"a":3})"), "accepted");
}

TEST(StrictJson, TakesEqualKeysOfDifferentObjects) {
  EXPECT_TRUE(parse_strict_json(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}],"c":{"b":1}})"));
}

TEST(StrictJson, FindsARepeatedKeyAmongManyInAnyOrder) {
  for (const int repeated : {-1, 0, 37, 999}) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) text += "\"key" + std::to_string((i * 7919) % 1000) + "\":[{\"a\":1}],";
    text += repeated < 0 ? "\"last\":1}" : "\"key" + std::to_string(repeated) + "\":1}";
    const std::string place = "not valid JSON at byte " + std::to_string(text.rfind("\"key") + 1);
    if (repeated < 0)
      EXPECT_EQ(reason(text), "accepted");
    else
      EXPECT_EQ(reason(text).substr(0, place.size()), place);
  }
}

TEST(StrictJson, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(reason("[1, 1e999]"), "not valid JSON at byte 4: the number 1e999 is too large");
  for (const char* text : {"-1e309", "1.7976931348623159e308", "1e99999999999"})
    EXPECT_NE(reason(text), "accepted") << text;
  const std::string digits(400, '9');
  EXPECT_NE(reason(digits), "accepted");
}

TEST(StrictJson, TakesNumbersThatRoundToZero) {
  const auto value = parse_strict_json("[1e-999,-0,5e-324]");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->get_array()[0].get_double(), 0);
  EXPECT_EQ(value->get_array()[2].get_double(), std::numeric_limits<double>::denorm_min());
}

TEST(StrictJson, RefusesDeepNesting) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(reason(nested(JsonBounds{}.depth)), "accepted");
  EXPECT_NE(reason(nested(JsonBounds{}.depth + 1)), "accepted");
  EXPECT_NE(reason(nested(100'000)), "accepted");
  EXPECT_NE(reason("[[1]]", {.depth = 1}), "accepted");
}

TEST(StrictJson, RefusesMoreMembersThanItsBound) {
  const auto members = [](int count) {
    std::string text = "[{";
    for (int i = 0; i < count; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return text + "}]";
  };
  EXPECT_EQ(reason(members(1'024)), "accepted");
  EXPECT_NE(reason(members(1'025)).find("an object has 1025 members; allowed are up to 1024"),
            std::string::npos);
  EXPECT_NE(reason(members(100'000)), "accepted");
}

TEST(StrictJson, RefusesMoreValuesThanItsBound) {
  for (const char* value : {"0", "-1.5", "18446744073709551615", "\"\"", "null", "true", "[]", "{}"}) {
    std::string text = "[";
    for (int i = 0; i < 4; ++i) text += std::string(i == 0 ? "" : ",") + value;
    text += "]";
    EXPECT_EQ(reason(text, {.values = 5}), "accepted") << value;
    EXPECT_NE(reason(text, {.values = 4}).find("more than 4 values"), std::string::npos) << value;
  }
}

TEST(StrictJson, WritesNumbersInTheirShortestForm) {
  EXPECT_EQ(number_text(3), "3");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-2.5), "-2.5");
  EXPECT_EQ(number_text(1e300), "1e+300");
  std::string text;
  append_json_number(text, 0.1F);
  EXPECT_EQ(text, "0.1");
}

TEST(StrictJson, WritesStringsWithEscapes) {
  EXPECT_EQ(string_text("a\"b\\c\n\r\t\x01\xC3\xA9"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\xC3\xA9\"");
  EXPECT_EQ(string_text(std::string_view("\0x", 2)), "\"\\u0000x\"");
}

RC_GTEST_PROP(StrictJson, ReadsEveryDoubleBackExactly, (std::uint64_t bits)) {
  double number = 0;
  std::memcpy(&number, &bits, sizeof number);
  RC_PRE(std::isfinite(number));
  const auto value = parse_strict_json(number_text(number) + " ");
  RC_ASSERT(value.ok());
  RC_ASSERT(value->to_number<double>() == number);
}

RC_GTEST_PROP(StrictJson, ReadsEveryAsciiStringBack, (std::string text)) {
  for (char& c : text) c = static_cast<char>(c & 0x7f);
  const auto value = parse_strict_json(string_text(text));
  RC_ASSERT(value.ok());
  RC_ASSERT(value->get_string() == boost::json::string_view(text));
}

RC_GTEST_PROP(StrictJson, NeverFailsOtherwiseThanByAResult, (std::string bytes)) {
  const auto value = parse_strict_json(bytes);
  if (!value) RC_ASSERT(value.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rankloop
