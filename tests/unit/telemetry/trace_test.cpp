// Trace contexts as text.
#include "telemetry/trace.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/otlp.h"

namespace rankloop::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpan = "b7ad6b7169203331";
const std::string kParent = "00-" + kTrace + "-" + kSpan + "-01";

// Counts up, so that a test knows what comes: 1, 2, 3 ...
std::function<std::uint64_t()> counting() {
  return [last = std::uint64_t{0}]() mutable { return ++last; };
}

TEST(Traceparent, IsReadAndWrittenAsItStands) {
  const auto context = parse_traceparent(kParent);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->trace[0], 0x0a);
  EXPECT_EQ(context->span[7], 0x31);
  EXPECT_EQ(trace_id_text(*context), kTrace);
  EXPECT_EQ(to_traceparent(*context), kParent);
}

TEST(Traceparent, SaysWhetherToSampleByTheLastBitAlone) {
  const auto with_flags = [](const char* flags) {
    return parse_traceparent("00-" + kTrace + "-" + kSpan + "-" + flags).value().sampled;
  };
  EXPECT_FALSE(with_flags("00"));
  EXPECT_FALSE(with_flags("fe"));
  EXPECT_TRUE(with_flags("03"));  // flags that are not known yet
  EXPECT_TRUE(with_flags("ff"));
}

TEST(Traceparent, OfALaterVersionIsReadByItsFirstFields) {
  EXPECT_EQ(parse_traceparent("cc-" + kTrace + "-" + kSpan + "-01"), parse_traceparent(kParent));
  EXPECT_EQ(parse_traceparent("cc-" + kTrace + "-" + kSpan + "-01-what-the-future-brings"),
            parse_traceparent(kParent));
  EXPECT_FALSE(parse_traceparent("cc-" + kTrace + "-" + kSpan + "-01.what"));
}

TEST(Traceparent, IsAsIfAbsentWhenItIsWrong) {
  const std::string zeros(32, '0');
  for (const std::string& wrong :
       {std::string{}, std::string{"00"}, "00-" + kTrace + "-" + kSpan, "00-" + kTrace + "-" + kSpan + "-1",
        "00-" + kTrace + "-" + kSpan + "-01-more", "00-" + kTrace + "-" + kSpan + "-01 ",
        "ff-" + kTrace + "-" + kSpan + "-01", "0-" + kTrace + "-" + kSpan + "-001",
        "00-" + zeros + "-" + kSpan + "-01", "00-" + kTrace + "-" + zeros.substr(16) + "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + kSpan + "-01", "00-" + kTrace + "-B7AD6B7169203331-01",
        "00-" + kTrace + "-" + kSpan + "-0G", "00_" + kTrace + "-" + kSpan + "-01",
        "00-" + kTrace.substr(1) + "g-" + kSpan + "-01"}) {
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
  }
}

TEST(Tracer, ContinuesTheTraceOfACaller) {
  const Tracer tracer(0, counting(), nullptr);
  const auto entered = tracer.enter(kParent);
  ASSERT_TRUE(entered);
  EXPECT_EQ(trace_id_text(entered->span), kTrace);
  EXPECT_EQ(entered->parent, parse_traceparent(kParent)->span);
  EXPECT_NE(entered->span.span, entered->parent);
  EXPECT_TRUE(entered->span.sampled);
}

TEST(Tracer, BeginsATraceForAShareOfTheOthers) {
  EXPECT_FALSE(Tracer(0, counting(), nullptr).enter(""));
  EXPECT_FALSE(Tracer(0, counting(), nullptr).enter("nonsense"));
  const auto all = Tracer(1, [] { return ~std::uint64_t{0}; }, nullptr).enter("");
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->parent);
  EXPECT_TRUE(all->span.sampled);
  std::uint64_t bits = 0;
  const Tracer half(0.5, [&bits] { return bits; }, nullptr);
  bits = ~std::uint64_t{0};
  EXPECT_FALSE(half.enter(""));
  bits = 1;
  EXPECT_TRUE(half.enter(""));
}

TEST(Tracer, NeverMakesAnIdOfZeros) {
  const Tracer tracer(
      1, [given = 0]() mutable { return static_cast<std::uint64_t>(given++ < 4 ? 0 : 7); }, nullptr);
  const auto entered = tracer.enter("");
  ASSERT_TRUE(entered);
  EXPECT_EQ(parse_traceparent(to_traceparent(entered->span)), entered->span);
}

TEST(Tracer, RecordsWhatTheCallerWantsSampledAndOnlyWithASink) {
  std::vector<Span> ended;
  const Tracer tracer(0, counting(), [&](Span span) { ended.push_back(std::move(span)); });
  const TraceContext sampled = parse_traceparent(kParent).value();
  TraceContext unsampled = sampled;
  unsampled.sampled = false;
  EXPECT_TRUE(tracer.records(sampled));
  EXPECT_FALSE(tracer.records(unsampled));
  EXPECT_FALSE(Tracer(1, counting(), nullptr).records(sampled));
  tracer.end({.context = sampled, .name = "one"});
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].name, "one");
}

TEST(Otlp, WritesSpansAsItsJsonWantsThem) {
  const TraceContext context = parse_traceparent(kParent).value();
  Span span{.context = context,
            .parent = SpanId{0, 1, 2, 3, 4, 5, 6, 0xff},
            .name = "POST /inference/start",
            .kind = SpanKind::kServer,
            .begin = SpanTime{std::chrono::nanoseconds{1'700'000'000'123'456'789}},
            .end = SpanTime{std::chrono::nanoseconds{1'700'000'000'223'456'789}}};
  span.attributes = {{"http.response.status_code", std::int64_t{200}}, {"rankloop.request_id", "a\"b"}};
  EXPECT_EQ(otlp_json({"my \"service\"", "1.2.3", "abc"}, std::span(&span, 1)),
            R"({"resourceSpans":[{"resource":{"attributes":[)"
            R"({"key":"service.name","value":{"stringValue":"my \"service\""}},)"
            R"({"key":"service.version","value":{"stringValue":"1.2.3"}},)"
            R"({"key":"service.instance.id","value":{"stringValue":"abc"}}]},)"
            R"("scopeSpans":[{"scope":{"name":"rankloop","version":"1.2.3"},"spans":[)"
            R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",)"
            R"("parentSpanId":"00010203040506ff","name":"POST /inference/start","kind":2,)"
            R"("startTimeUnixNano":"1700000000123456789","endTimeUnixNano":"1700000000223456789",)"
            R"("attributes":[{"key":"http.response.status_code","value":{"intValue":"200"}},)"
            R"({"key":"rankloop.request_id","value":{"stringValue":"a\"b"}}]}]}]}]})");
}

TEST(Otlp, TellsOfAFailureAndOfNoParent) {
  Span span{.context = parse_traceparent(kParent).value(), .name = "inference", .failed = true};
  const std::vector<Span> two{span, span};
  const std::string json = otlp_json({"rankloop", "1", "1"}, two);
  EXPECT_THAT(json, HasSubstr(R"("attributes":[],"status":{"code":2}},{"traceId")"));
  EXPECT_THAT(json, Not(HasSubstr("parentSpanId")));
}

}  // namespace
}  // namespace rankloop::telemetry
