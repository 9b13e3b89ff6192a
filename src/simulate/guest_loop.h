// The guests' state machines: start, status until SUCCESS, results, a look, select; all of them on one
// thread. Private to the traffic generator.
#pragma once

#include <chrono>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "simulate/guest_connection.h"
#include "simulate/traffic.h"

namespace rankloop::simulate {

// The bytes of requests that do not change between journeys.
struct RequestParts {
  RequestParts(const Endpoint& endpoint, const TrafficOptions& options);
  std::string start;        // up to the value of Content-Length
  std::string status;       // up to the task id
  std::string status_rest;  // from after it
  std::string results;      // likewise
  std::string results_rest;
  std::string select;  // up to the value of Content-Length
};

class GuestLoop {
 public:
  // Borrows everything.
  GuestLoop(const TrafficOptions& options, const Endpoint& endpoint, std::span<const Place> places,
            const TrafficObserver& observer);

  // kUnavailable: epoll cannot be used. Fills all of the report but the shares of other orders.
  Result<TrafficReport> run(std::stop_token stop);

 private:
  using Clock = std::chrono::steady_clock;
  using Moment = Clock::time_point;

  enum class Step { kStart, kStatus, kResults, kSelect };

  // One of the parallel guests; it becomes somebody else with each journey.
  struct Visitor {
    std::size_t index = 0;
    GuestConnection line;
    Step step = Step::kStart;  // what is asked, or will be after the pause
    bool in_flight = false;
    int tries = 0;   // of this step that the server could not take
    Moment started;  // when start was first sent
    Moment sent;     // when the last request was
    Random random{0};
    Guest guest;
    bool valued = false;  // this journey counts for the value share
    std::string task_id;
    std::int64_t pick = -1;
  };

  enum class Verdict { kNext, kAgain, kBusy, kFailed };  // kAgain: not ready yet; kBusy: 503

  struct Timer {
    Moment due;
    std::size_t visitor = 0;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  void begin(Visitor& visitor);
  void pause(Visitor& visitor, Clock::duration length);
  Clock::duration think();
  Clock::duration until_turn();
  void ask(Visitor& visitor);
  void build_request(Visitor& visitor);

  void on_events(Visitor& visitor, std::uint32_t events);
  void on_response(Visitor& visitor);
  Verdict read_answer(Visitor& visitor, const Response& response);
  Verdict read_start(Visitor& visitor, std::string_view body);
  Verdict read_status(Visitor& visitor, std::string_view body);
  Verdict read_results(Visitor& visitor, std::string_view body);
  void pick(Visitor& visitor);
  void go_on(Visitor& visitor);

  void try_again(Visitor& visitor, const std::string& reason, Clock::duration pause_length);
  void fail(Visitor& visitor, const std::string& reason);
  void fail_overdue();
  LatencyHistogram& latency_of(Step step);
  void tell_progress();
  int wait_length() const;  // for epoll_wait, in ms

  const TrafficOptions& options_;
  const Endpoint& endpoint_;
  const std::span<const Place> places_;
  const TrafficObserver& observer_;
  const RequestParts parts_;
  const std::int64_t
      value_every_;  // with a large catalog only every so many journeys look for the best place
  std::unordered_map<ItemId, const Place*> place_of_;

  FileDescriptor epoll_;
  std::vector<Visitor> visitors_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;  // at most one for each visitor
  Random pauses_;  // apart from the guests' own draws, so that these are the same without waiting
  std::int64_t begun_ = 0;
  std::size_t active_ = 0;
  Moment now_;  // when the loop last looked
  Moment start_;
  Moment next_turn_;   // when the next journey may begin, with a rate
  std::string fault_;  // of the last answer that was refused
  std::string body_;   // scratch
  std::vector<ItemId> shown_;
  std::vector<double> scores_;
  TrafficReport report_;
};

}  // namespace rankloop::simulate
