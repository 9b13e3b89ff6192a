// Feedback that other programs tell as tasks (Celery producers): one event or many, as POST /feedback takes
// them.
//
// Such a task is none of the ledger: what it tells is, under ids of its own, so that a message that comes
// twice tells nothing twice. Its result is sent as soon as the events are written. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/serve/feedback.h"
#include "domain/clock.h"
#include "queue/foreign_task.h"
#include "queue/queue.h"

namespace rankloop::app {

class ForeignFeedback {
 public:
  // True: the message has served. False: it is to come again.
  using Settle = std::function<void(bool taken)>;

  ForeignFeedback(FeedbackEvents& events, queue::HintQueue& hints, const Clock& clock)
      : events_(events), hints_(hints), clock_(clock) {}

  // Blocks for what the events speak of. What cannot be an event is refused in the result.
  void tell(const queue::ForeignTask& task, Settle settle);
  // Tells nothing, and says why.
  void fail(const queue::ForeignTask& task, const std::string& reason) const;
  void revoke(const queue::ForeignTask& task, const std::string& reason) const;

 private:
  Result<std::vector<ToldEvent>> events_of(const queue::ForeignTask& task) const;
  void answer(const queue::ForeignTask& task, std::string meta) const;

  FeedbackEvents& events_;
  queue::HintQueue& hints_;
  const Clock& clock_;
};

}  // namespace rankloop::app
