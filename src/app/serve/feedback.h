// What happened after a ranking, or elsewhere: events of the domain's kinds of feedback, told one by one or
// many at once.
//
// An event with a task belongs to that ranking, and its item must have been shown in it. An event without one
// says what a person did; nothing is learned of positions from it. Each event is judged by itself: what is
// wrong with one takes nothing from the others. An event that has an id is taken once, however often it is
// told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "app/blocking_pool.h"
#include "app/serve/inference.h"
#include "app/serve/serving.h"
#include "domain/body_reader.h"
#include "domain/clock.h"
#include "domain/declared_inputs.h"
#include "domain/domain.h"
#include "domain/item_keys.h"
#include "storage/store.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

inline constexpr std::size_t kMostEvents = 1'000;  // at once

// One event, checked as far as its words go.
struct ToldEvent {
  std::string fault;  // why it is refused; empty: not so far
  std::string event_id;
  std::optional<TaskId> task;
  PersonKey person;              // of an event without a task
  std::optional<ItemName> item;  // empty: none of what was shown was chosen
  std::string kind;
  double value = 1;
  double weight = 1;
  WallTime at;
};

enum class EventFate : std::uint8_t { kAccepted, kDuplicate, kRefused };
std::string_view name_of(EventFate fate);  // "accepted", "duplicate", "refused"

struct EventOutcome {
  EventFate fate = EventFate::kAccepted;
  std::string reason;  // of a refusal
};

// {"accepted":1,"duplicate":0,"refused":1,"events":[{"outcome":"accepted"},{"outcome":"refused","reason":..}]}
std::string to_json(const std::vector<EventOutcome>& outcomes);

// The members of an event.
struct EventInputs {
  TextInput event_id;
  TaskInput task;
  TextInput person;
  ItemInput item;
  ChoiceInput kind;
  RealInput value;
  RealInput weight;
  TextInput at;
};
EventInputs event_inputs(const Domain& domain);

// Thread-safe.
class FeedbackEvents {
 public:
  FeedbackEvents(const Domain& domain, Inference& inference, storage::Store& store, const Serving& serving,
                 telemetry::Metrics& metrics, const Clock& clock);

  // One event, or an array of up to kMostEvents. kInvalidArgument: it is neither.
  Result<std::vector<ToldEvent>> check(const boost::json::value& body) const;

  // Answers the outcome of each event, in order, once all that are accepted are durable. kUnavailable,
  // kResourceExhausted: some could not be written, and those before them may be there. `pool` outlives the
  // call; `done` as in results.h.
  void record(std::vector<ToldEvent> events, BlockingPool& pool,
              storage::Done<std::vector<EventOutcome>> done);
  // Likewise, looking up on this thread what they speak of.
  void record(const std::vector<ToldEvent>& events, storage::Done<std::vector<EventOutcome>> done);

 private:
  class Recording;

  void refuse_others(BodyReader& reader) const;
  ToldEvent check_one(const boost::json::value& event, WallTime now) const;
  Result<storage::NewFeedback> of_ranking(const ToldEvent& event);
  Result<storage::NewPersonEvent> of_person(const ToldEvent& event, WallTime now);
  void record_one(const ToldEvent& event, std::size_t at, const std::shared_ptr<Recording>& recording);

  const Domain& domain_;
  const EventInputs inputs_;
  Inference& inference_;
  storage::Store& store_;
  const Serving& serving_;
  const telemetry::FeedbackCounters elsewhere_;  // of people's events
  const Clock& clock_;
};

}  // namespace rankloop::app
