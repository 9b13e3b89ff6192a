// The thread that gathers spans, and the POST to the collector.
#include "telemetry/span_exporter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <curl/curl.h>

#include "client/curl.h"
#include "error/caught.h"
#include "telemetry/thread_name.h"

namespace rankloop::telemetry {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kBetweenComplaints{1};
constexpr milliseconds kMostBackoff{30'000};
constexpr std::size_t kMostAnswer = 4'096;  // bytes

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

// The endpoint as it may be shown: a token may stand in the user's name, the password or the query. Empty
// when it is no URL of HTTP.
std::string shown(const std::string& endpoint) {
  const Url url{curl_url()};
  if (!url ||
      curl_url_set(url.get(), CURLUPART_URL, endpoint.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return {};
  }
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return {};
  for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(url.get(), secret, nullptr, 0);
  }
  return part_of(url, CURLUPART_URL);
}

// Of an answer only its beginning is of use: one that is longer is no word about spans.
std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* answer) {
  auto& kept = *static_cast<std::string*>(answer);
  kept.append(bytes, std::min(size * count, kMostAnswer - kept.size()));
  return size * count;
}

}  // namespace

// One handle, so that the connection is kept.
class SpanExporter::Post {
 public:
  struct Outcome {
    long status = 0;        // of HTTP; 0: there was no answer
    std::string fault{};    // why not
    milliseconds after{0};  // Retry-After
    Rejection rejection{};  // of a part
    bool sent() const { return status >= 200 && status < 300; }
    bool again() const { return status == 0 || status == 429 || (status >= 502 && status <= 504); }
  };

  // `give_up` is asked now and then while a request is under way.
  Post(const std::string& endpoint, std::function<bool()> give_up) : give_up_(std::move(give_up)) {
    for (const char* header : {"Content-Type: application/json", "Expect:"}) headers_.add(header);
    curl_.set(CURLOPT_URL, endpoint.c_str());
    curl_.set(CURLOPT_PROTOCOLS_STR, "http,https");
    curl_.set(CURLOPT_HTTPHEADER, headers_.get());
    curl_.set(CURLOPT_USERAGENT, "rankloop");
    curl_.set(CURLOPT_NOSIGNAL, 1L);
    curl_.set(CURLOPT_WRITEFUNCTION, keep);
    curl_.set(CURLOPT_WRITEDATA, &answer_);
    curl_.set(CURLOPT_NOPROGRESS, 0L);
    curl_.set(CURLOPT_XFERINFODATA, &give_up_);
    curl_.set(
        CURLOPT_XFERINFOFUNCTION, +[](void* asked, curl_off_t, curl_off_t, curl_off_t, curl_off_t) -> int {
          return (*static_cast<const std::function<bool()>*>(asked))() ? 1 : 0;
        });
  }

  Outcome operator()(const std::string& body, milliseconds timeout) {
    curl_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_.set(CURLOPT_POSTFIELDS, body.data());
    curl_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    answer_.clear();
    const CURLcode code = curl_easy_perform(curl_.get());
    if (code != CURLE_OK) return {.fault = curl_easy_strerror(code)};
    Outcome outcome;
    curl_off_t seconds = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &outcome.status);
    curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (outcome.sent()) outcome.rejection = otlp_rejection(answer_);
    outcome.after = std::min(kMostBackoff, milliseconds{std::min<curl_off_t>(seconds, 3'600) * 1'000});
    return outcome;
  }

 private:
  client::CurlHandle curl_;
  client::CurlHeaders headers_;
  const std::function<bool()> give_up_;
  std::string answer_;
};

Result<std::unique_ptr<SpanExporter>> SpanExporter::open(ExporterOptions options, Logger& log) {
  const std::string plain = shown(options.endpoint);
  if (plain.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "tracing.endpoint is no URL of a collector; allowed is one such as http://127.0.0.1:4318/v1/traces"};
  }
  return std::unique_ptr<SpanExporter>(new SpanExporter(std::move(options), plain, log));
}

SpanExporter::SpanExporter(ExporterOptions options, std::string shown, Logger& log)
    : options_(std::move(options)), shown_(std::move(shown)), log_(log) {
  post_ = std::make_unique<Post>(options_.endpoint, [this] { return time_left() <= milliseconds::zero(); });
  thread_ = std::thread([this] {
    name_this_thread("spans");
    run();
  });
}

SpanExporter::~SpanExporter() {
  close(milliseconds::zero());
}

void SpanExporter::add(Span span) {
  {
    const Lock lock(mutex_);
    if (!deadline_ && waiting_.size() < options_.max_waiting) {
      waiting_.push_back(std::move(span));
      if (waiting_.size() != 1 && waiting_.size() != options_.max_batch) return;
    } else {
      ++dropped_;
      return;
    }
  }
  changed_.notify_one();
}

void SpanExporter::close(milliseconds at_most) {
  {
    const Lock lock(mutex_);
    if (!deadline_) deadline_ = std::chrono::steady_clock::now() + at_most;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SpanExporter::run() {
  for (;;) {
    const std::vector<Span> batch = take_batch();
    if (batch.empty()) return;
    // Spans may be lost; whoever traces must not end what is traced.
    if (const Status sent = without_throwing([&] { send(batch); }); !sent) {
      dropped_ += batch.size();
    }
  }
}

// Waits for the first span and then a moment for more; empty once the exporter is closed and nothing is left.
std::vector<Span> SpanExporter::take_batch() {
  Lock lock(mutex_);
  changed_.wait(lock, [this]() REQUIRES(mutex_) { return deadline_ || !waiting_.empty(); });
  changed_.wait_for(lock, options_.gather,
                    [this]() REQUIRES(mutex_) { return deadline_ || waiting_.size() >= options_.max_batch; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.max_batch));
  std::vector<Span> batch(std::make_move_iterator(waiting_.begin()),
                          std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return batch;
}

void SpanExporter::send(const std::vector<Span>& batch) {
  const std::string body = otlp_json(options_.source, batch);
  milliseconds backoff = options_.least_backoff;
  Post::Outcome outcome{.fault = "there was no time left"};
  for (int attempt = 1;; ++attempt) {
    const milliseconds left = time_left();
    if (left <= milliseconds::zero()) break;
    outcome = (*post_)(body, std::min(options_.request_timeout, left));
    if (outcome.sent()) return count_sent(batch.size(), outcome.rejection);
    if (!outcome.again() || attempt == options_.attempts) break;
    if (!rest(std::max(backoff, outcome.after))) break;
    backoff = std::min(backoff * 2, kMostBackoff);
  }
  dropped_ += batch.size();
  complain(outcome.status == 0 ? outcome.fault : "it answered " + std::to_string(outcome.status),
           batch.size());
}

void SpanExporter::count_sent(std::size_t spans, const Rejection& rejection) {
  const std::size_t rejected = std::min(spans, rejection.spans);
  exported_ += spans - rejected;
  if (rejected == 0) return;
  dropped_ += rejected;
  complain("it rejected a part: " + rejection.reason, rejected);
}

// Cut short by close(), for one more attempt.
bool SpanExporter::rest(milliseconds at_most) {
  {
    Lock lock(mutex_);
    if (deadline_) return false;
    changed_.wait_for(lock, at_most, [this]() REQUIRES(mutex_) { return deadline_.has_value(); });
  }
  return time_left() > milliseconds::zero();
}

milliseconds SpanExporter::time_left() {
  const Lock lock(mutex_);
  if (!deadline_) return milliseconds::max();
  return std::chrono::ceil<milliseconds>(*deadline_ - std::chrono::steady_clock::now());
}

void SpanExporter::complain(const std::string& reason, std::size_t spans) {
  const Moment now = std::chrono::steady_clock::now();
  if (now < next_complaint_) return;
  next_complaint_ = now + kBetweenComplaints;
  log_.warning("spans were dropped: the collector did not take them",
               {{"endpoint", shown_}, {"reason", reason}, {"spans", std::to_string(spans)}});
}

}  // namespace rankloop::telemetry
