// The thread of the guests and what became of their runs.
#include "server/simulated_guests.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "telemetry/thread_name.h"

namespace rankloop::server {
namespace {

// They look at a list for up to a second, so that this many are never all busy at once.
constexpr double kGuestsPerRate = 2;
constexpr int kFewGuests = 4;

simulate::TrafficOptions options_of(const std::string& url, const std::string& token, double rate) {
  simulate::TrafficOptions options;
  options.url = url;
  options.token = token;
  options.rate = rate;
  options.guests = kFewGuests + static_cast<int>(std::ceil(kGuestsPerRate * rate));
  options.journeys = 0;
  options.tmin = std::chrono::duration<double>{0.1};
  options.tmax = std::chrono::duration<double>{1};
  options.bounds = false;
  // Every run brings other people.
  options.seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return options;
}

}  // namespace

SimulatedGuests::SimulatedGuests(std::string refusal, std::string url, std::string token)
    : url_(std::move(url)), token_(std::move(token)) {
  before_.refusal = std::move(refusal);
  if (!before_.refusal.empty()) return;
  thread_ = std::jthread{[this](const std::stop_token& closing) {
    telemetry::name_this_thread("guests");
    run(closing);
  }};
}

Status SimulatedGuests::start(double rate) {
  const Lock lock{mutex_};
  if (!before_.refusal.empty()) return Error{ErrorCode::kPermissionDenied, before_.refusal};
  before_.running = true;
  before_.rate = rate;
  before_.fault.clear();
  ++asked_;
  if (current_) current_->request_stop();
  changed_.notify_all();
  return {};
}

void SimulatedGuests::stop() {
  const Lock lock{mutex_};
  before_.running = false;
  before_.rate = 0;
  ++asked_;
  if (current_) current_->request_stop();
}

http::GuestTrafficState SimulatedGuests::state() const {
  const Lock lock{mutex_};
  http::GuestTrafficState state = before_;
  const std::int64_t journeys = now_.done - now_.failed;
  state.journeys += journeys;
  state.picked += now_.picked;
  state.none += journeys - now_.picked;
  state.failed += now_.failed;
  return state;
}

void SimulatedGuests::close() {
  const Lock alone{closing_};
  thread_.request_stop();
  stop();
  if (thread_.joinable()) thread_.join();
}

void SimulatedGuests::run(const std::stop_token& closing) {
  Lock lock{mutex_};
  while (changed_.wait(lock, closing, [this]() REQUIRES(mutex_) { return before_.running; })) {
    if (closing.stop_requested()) return;
    const std::uint64_t served = asked_;
    current_.emplace();
    const std::stop_token stop = current_->get_token();
    const simulate::TrafficOptions options = options_of(url_, token_, before_.rate);
    lock.unlock();
    const auto report = simulate::run_traffic(
        options,
        {.progress = [this](const simulate::TrafficProgress& progress) { hear(progress); }, .failure = {}},
        stop);
    lock.lock();
    current_.reset();
    const std::int64_t journeys = now_.done - now_.failed;
    before_.journeys += journeys;
    before_.picked += now_.picked;
    before_.none += journeys - now_.picked;
    before_.failed += now_.failed;
    now_ = {};
    // Nobody asked for the end of this run, so it will not go better at once.
    if (asked_ == served) {
      before_.running = false;
      before_.rate = 0;
      before_.fault = report ? "the guests stopped" : report.error().message;
    }
  }
}

void SimulatedGuests::hear(const simulate::TrafficProgress& progress) {
  const Lock lock{mutex_};
  now_ = progress;
}

}  // namespace rankloop::server
