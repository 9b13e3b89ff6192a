// The states of guests and the loop over their sockets.
#include "simulate/guest_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/epoll.h>

#include "simulate/answers.h"

namespace rankloop::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPollPause{5};
constexpr seconds kAnswerDeadline{30};   // for one request; the long poll asks for 10 s
constexpr seconds kSuccessDeadline{60};  // from start to SUCCESS
constexpr int kMostTries = 8;
constexpr milliseconds kBusyPause{250};  // when a 503 names none
constexpr milliseconds kLongestBusyPause{5000};
constexpr milliseconds kReconnectPause{100};  // doubles with each try
constexpr milliseconds kLongestReconnectPause{1000};
constexpr milliseconds kProgressEvery{100};
constexpr std::int64_t kReasonsTold = 5;
constexpr std::int64_t kPlacesPerJourney = 2000;  // looked through for the best one, on average
constexpr std::size_t kQuotedBody = 200;

constexpr std::array<const char*, 4> kStepNames = {"POST /inference/start", "GET /inference/status",
                                                   "GET /inference/results", "PUT /inference/select"};

}  // namespace

RequestParts::RequestParts(const Endpoint& endpoint, const TrafficOptions& options) {
  std::string end_of_line = " HTTP/1.1\r\nHost: " + endpoint.authority + "\r\n";
  if (!options.token.empty()) end_of_line += "Authorization: Bearer " + options.token + "\r\n";
  const std::string with_body = end_of_line + "Content-Type: application/json\r\nContent-Length: ";
  start = "POST " + endpoint.prefix + "/inference/start" + with_body;
  status = "GET " + endpoint.prefix + "/inference/status/";
  status_rest = (options.polling == Polling::kWait ? "?wait=10s" : "") + end_of_line + "\r\n";
  results = "GET " + endpoint.prefix + "/inference/results/";
  results_rest = "?limit=" + std::to_string(options.limit) + end_of_line + "\r\n";
  select = "PUT " + endpoint.prefix + "/inference/select/" + with_body;
}

GuestLoop::GuestLoop(const TrafficOptions& options, const Endpoint& endpoint, std::span<const Place> places,
                     const TrafficObserver& observer)
    : options_(options),
      endpoint_(endpoint),
      places_(places),
      observer_(observer),
      parts_(endpoint, options),
      value_every_(std::max<std::int64_t>(1, static_cast<std::int64_t>(places.size()) / kPlacesPerJourney)),
      pauses_(Random::stream(options.seed, ~std::uint64_t{0})) {
  for (const Place& place : places_) place_of_.emplace(place.id, &place);
}

Result<TrafficReport> GuestLoop::run(std::stop_token stop) {
  epoll_ = FileDescriptor{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll_) return Error{ErrorCode::kUnavailable, "epoll: " + std::generic_category().message(errno)};
  auto count = static_cast<std::int64_t>(options_.guests);
  if (options_.journeys > 0) count = std::min(count, options_.journeys);
  visitors_ = std::vector<Visitor>(static_cast<std::size_t>(count));
  active_ = visitors_.size();
  now_ = start_ = next_turn_ = Clock::now();
  for (std::size_t i = 0; i < visitors_.size(); ++i) {
    visitors_[i].index = i;
    begin(visitors_[i]);
  }

  std::array<epoll_event, 256> events{};
  Moment next_progress = start_ + kProgressEvery;
  while (active_ > 0 && !stop.stop_requested()) {
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_length());
    if (ready < 0 && errno != EINTR) {
      return Error{ErrorCode::kUnavailable, "epoll: " + std::generic_category().message(errno)};
    }
    now_ = Clock::now();
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      on_events(visitors_[static_cast<std::size_t>(event.data.u64)], event.events);
    }
    while (!timers_.empty() && timers_.top().due <= now_) {
      Visitor& visitor = visitors_[timers_.top().visitor];
      timers_.pop();
      ask(visitor);
    }
    if (now_ >= next_progress) {
      next_progress = now_ + kProgressEvery;
      fail_overdue();
      tell_progress();
    }
  }
  now_ = Clock::now();
  report_.elapsed = now_ - start_;
  tell_progress();
  return std::move(report_);
}

void GuestLoop::begin(Visitor& visitor) {
  if (options_.journeys > 0 && begun_ == options_.journeys) {
    visitor.line.close();
    --active_;
    return;
  }
  const std::int64_t number = begun_++;
  auto [guest, random] = draw_visit(options_.profile, options_.seed,
                                    static_cast<std::uint64_t>(options_.first_journey + number));
  visitor.guest = std::move(guest);
  visitor.random = random;
  visitor.valued = number % value_every_ == 0;
  visitor.pick = -1;
  visitor.tries = 0;
  visitor.step = Step::kStart;
  pause(visitor, options_.rate > 0 ? until_turn() : think());
}

// Every pause goes through the timers, even one of no length: a journey's end must not call into the next
// one's beginning and so on, deeper with each failure.
void GuestLoop::pause(Visitor& visitor, Clock::duration length) {
  visitor.in_flight = false;
  timers_.push({now_ + length, visitor.index});
}

GuestLoop::Clock::duration GuestLoop::think() {
  if (options_.tmax.count() <= 0) return Clock::duration::zero();
  return std::chrono::duration_cast<Clock::duration>(options_.tmin +
                                                     (options_.tmax - options_.tmin) * pauses_.beta_2_5());
}

// How long until this journey's turn comes; turns that nobody was free for are lost.
GuestLoop::Clock::duration GuestLoop::until_turn() {
  const Moment turn = std::max(next_turn_, now_);
  next_turn_ =
      turn + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{1 / options_.rate});
  return turn - now_;
}

void GuestLoop::ask(Visitor& visitor) {
  build_request(visitor);
  visitor.sent = Clock::now();
  if (visitor.step == Step::kStart && visitor.tries == 0) visitor.started = visitor.sent;
  visitor.in_flight = true;
  const Status sent = visitor.line.send(endpoint_, epoll_.get(), visitor.index);
  if (!sent) try_again(visitor, sent.error().message, kReconnectPause);
}

void GuestLoop::build_request(Visitor& visitor) {
  std::string& request = visitor.line.request();
  switch (visitor.step) {
    case Step::kStart:
      body_.clear();
      append_json(body_, visitor.guest);
      request = parts_.start;
      break;
    case Step::kStatus:
      request = parts_.status;
      request += visitor.task_id;
      request += parts_.status_rest;
      return;
    case Step::kResults:
      request = parts_.results;
      request += visitor.task_id;
      request += parts_.results_rest;
      return;
    case Step::kSelect:
      body_ = "{\"task_id\":\"";
      body_ += visitor.task_id;
      body_ += "\",\"location_id\":";
      body_ += std::to_string(visitor.pick);
      body_ += '}';
      request = parts_.select;
      break;
  }
  request += std::to_string(body_.size());
  request += "\r\n\r\n";
  request += body_;
}

void GuestLoop::on_events(Visitor& visitor, std::uint32_t events) {
  switch (visitor.line.ready(events)) {
    case GuestConnection::Event::kNothing:
      return;
    case GuestConnection::Event::kResponse:
      return on_response(visitor);
    case GuestConnection::Event::kBad:
      if (visitor.in_flight) fail(visitor, visitor.line.fault());
      return;
    case GuestConnection::Event::kBroken: {
      if (!visitor.in_flight) return;
      const milliseconds backoff = std::min(kReconnectPause * (1 << visitor.tries), kLongestReconnectPause);
      return try_again(visitor, visitor.line.fault(), visitor.line.used() ? milliseconds{0} : backoff);
    }
  }
}

void GuestLoop::on_response(Visitor& visitor) {
  const Response& response = visitor.line.response();
  const Clock::duration busy_pause =
      response.retry_after ? std::min<milliseconds>(*response.retry_after, kLongestBusyPause) : kBusyPause;
  const Clock::duration took = Clock::now() - visitor.sent;
  ++report_.requests;
  const Verdict verdict = read_answer(visitor, response);
  visitor.line.consume();
  if (verdict == Verdict::kBusy) return try_again(visitor, fault_, busy_pause);
  if (verdict == Verdict::kFailed) return fail(visitor, fault_);
  latency_of(visitor.step).record(took);
  visitor.tries = 0;
  if (verdict == Verdict::kNext) return go_on(visitor);
  if (options_.polling == Polling::kTight) return ask(visitor);
  pause(visitor, kPollPause);
}

GuestLoop::Verdict GuestLoop::read_answer(Visitor& visitor, const Response& response) {
  if (response.status == 200) {
    fault_.clear();
    Verdict verdict = Verdict::kNext;
    if (visitor.step == Step::kStart) verdict = read_start(visitor, response.body);
    if (visitor.step == Step::kStatus) verdict = read_status(visitor, response.body);
    if (visitor.step == Step::kResults) verdict = read_results(visitor, response.body);
    if (verdict != Verdict::kFailed || !fault_.empty()) return verdict;
  }
  fault_ = std::string{kStepNames[static_cast<std::size_t>(visitor.step)]} + " answered " +
           std::to_string(response.status) + ": " + std::string{response.body.substr(0, kQuotedBody)};
  return response.status == 503 ? Verdict::kBusy : Verdict::kFailed;
}

GuestLoop::Verdict GuestLoop::read_start(Visitor& visitor, std::string_view body) {
  const auto task_id = string_member(body, "task_id");
  if (!task_id) return Verdict::kFailed;
  visitor.task_id = *task_id;
  return Verdict::kNext;
}

GuestLoop::Verdict GuestLoop::read_status(Visitor& visitor, std::string_view body) {
  const auto status = string_member(body, "status");
  if (status == "SUCCESS") {
    report_.start_to_success.record(Clock::now() - visitor.started);
    return Verdict::kNext;
  }
  if (status != "PENDING" && status != "STARTED" && status != "RETRY") return Verdict::kFailed;
  if (now_ - visitor.started < kSuccessDeadline) return Verdict::kAgain;
  fault_ = "the task " + visitor.task_id + " was not SUCCESS after " +
           std::to_string(kSuccessDeadline.count()) + " s";
  return Verdict::kFailed;
}

GuestLoop::Verdict GuestLoop::read_results(Visitor& visitor, std::string_view body) {
  if (!read_location_ids(body, shown_)) return Verdict::kFailed;
  pick(visitor);
  return Verdict::kNext;
}

// A place that came into the catalog after the run began is not known here and counts as rejected.
void GuestLoop::pick(Visitor& visitor) {
  scores_.clear();
  for (const ItemId id : shown_) {
    const auto place = place_of_.find(id);
    scores_.push_back(place == place_of_.end() ? 0 : true_score(visitor.guest, *place->second));
  }
  const auto picked = choose(scores_, visitor.guest.kind->taste, options_.choosing, visitor.random);
  visitor.pick = picked ? shown_[*picked].value : -1;
  if (visitor.valued)
    report_.value.add(picked ? scores_[*picked] : 0, best_true_score(visitor.guest, places_));
}

void GuestLoop::go_on(Visitor& visitor) {
  switch (visitor.step) {
    case Step::kStart:
      visitor.step = Step::kStatus;
      return ask(visitor);
    case Step::kStatus:
      visitor.step = Step::kResults;
      return ask(visitor);
    case Step::kResults:
      visitor.step = Step::kSelect;
      return pause(visitor, think());
    case Step::kSelect:
      ++report_.journeys;
      if (visitor.pick >= 0) ++report_.picked;
      return begin(visitor);
  }
}

void GuestLoop::try_again(Visitor& visitor, const std::string& reason, Clock::duration pause_length) {
  if (++visitor.tries > kMostTries) return fail(visitor, reason);
  pause(visitor, pause_length);
}

void GuestLoop::fail(Visitor& visitor, const std::string& reason) {
  ++report_.failed;
  if (report_.failed <= kReasonsTold && observer_.failure) observer_.failure(reason);
  begin(visitor);
}

void GuestLoop::fail_overdue() {
  for (Visitor& visitor : visitors_) {
    if (!visitor.in_flight || now_ - visitor.sent < kAnswerDeadline) continue;
    visitor.line.close();
    fail(visitor, std::string{kStepNames[static_cast<std::size_t>(visitor.step)]} +
                      " was not answered within " + std::to_string(kAnswerDeadline.count()) + " s");
  }
}

LatencyHistogram& GuestLoop::latency_of(Step step) {
  switch (step) {
    case Step::kStart:
      return report_.start;
    case Step::kStatus:
      return report_.status;
    case Step::kResults:
      return report_.results;
    case Step::kSelect:
      break;
  }
  return report_.select;
}

void GuestLoop::tell_progress() {
  if (observer_.progress)
    observer_.progress({report_.journeys + report_.failed, report_.failed, report_.picked, now_ - start_});
}

int GuestLoop::wait_length() const {
  if (timers_.empty()) return static_cast<int>(kProgressEvery.count());
  const auto rest = std::chrono::ceil<milliseconds>(timers_.top().due - Clock::now());
  return static_cast<int>(std::clamp(rest, milliseconds{0}, kProgressEvery).count());
}

}  // namespace rankloop::simulate
