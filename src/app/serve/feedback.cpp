// Checks events, finds what they speak of, and writes them.
#include "app/serve/feedback.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "app/serve/request_envelope.h"
#include "domain/body_reader.h"
#include "domain/calendar.h"
#include "domain/closest_name.h"
#include "domain/enum_names.h"
#include "domain/feedback.h"
#include "domain/feedback_kinds.h"
#include "domain/json_writer.h"
#include "domain/utf8.h"
#include "error/caught.h"
#include "sync/mutex.h"

namespace rankloop::app {
namespace {

constexpr std::array<std::string_view, 3> kFates = {"accepted", "duplicate", "refused"};
constexpr double kMostValue = 1e15;
constexpr std::size_t kShownName = 64;     // bytes, of a name in a reason
constexpr std::chrono::minutes kAhead{5};  // that a caller's clock may be

std::string in_one(const std::vector<FieldFault>& faults) {
  std::string text;
  for (const FieldFault& fault : faults) {
    text += text.empty() ? "" : "; ";
    if (!fault.loc.empty() && fault.loc.back() != "body") text += fault.loc.back() + ": ";
    text += fault.msg;
  }
  return text;
}

// A moment of the past, or about now.
WallTime read_at(const TextInput& input, WallTime now, BodyReader& body) {
  const std::string text = body.read(input);
  if (text.empty()) return now;
  const auto at = parse_moment(text);
  const auto refuse = [&](std::string message) {
    body.fault({std::string{input.name}}, std::move(message), "value_error");
  };
  if (!at) refuse("should be a moment such as " + std::string{*input.example});
  if (at && *at > now + kAhead) refuse(text + " is still to come");
  return at.value_or(now);
}

bool may_pass_with_time(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kResourceExhausted;
}

}  // namespace

std::string_view name_of(EventFate fate) {
  return name_among(kFates, fate);
}

std::string to_json(const std::vector<EventOutcome>& outcomes) {
  std::array<std::int64_t, kFates.size()> counts{};
  for (const EventOutcome& outcome : outcomes) ++counts.at(static_cast<std::size_t>(outcome.fate));
  std::string text;
  JsonWriter json{text};
  json.begin_object();
  for (std::size_t fate = 0; fate < kFates.size(); ++fate) json.key(kFates.at(fate)).integer(counts.at(fate));
  json.key("events").begin_array();
  for (const EventOutcome& outcome : outcomes) {
    json.begin_object().key("outcome").word(name_of(outcome.fate));
    if (!outcome.reason.empty()) json.key("reason").text(outcome.reason);
    json.end_object();
  }
  json.end_array().end_object();
  return text;
}

EventInputs event_inputs(const Domain& domain) {
  EventInputs inputs{.event_id = {.name = "event_id",
                                  .help = "The caller's own id of the event: told again, it is a duplicate",
                                  .most = 128},
                     .task = {.name = "task_id", .help = "The ranking that the event belongs to"},
                     .person = kUserKey,
                     .item = {.name = domain.item_id_field,
                              .help = "The item; not with the kind none, which says that none was chosen",
                              .type = domain.item_id_type,
                              .example = domain.item_id_type == ItemIdType::kText ? R"("a")" : "1"},
                     .kind = {.name = "kind",
                              .help = "What happened",
                              .words = feedback_kinds(domain.feedback),
                              .refusal = ChoiceRefusal{.before = "should be one of ", .last = ", "}},
                     .value = {.name = "value",
                               .help = "What comes with it, of a kind that has values: a rating, a price",
                               .minimum = -kMostValue,
                               .maximum = kMostValue,
                               .example = 1},
                     .weight = {.name = "weight",
                                .help = "How much it is to count; 1 unless it is said",
                                .maximum = 1'000,
                                .example = 1},
                     .at = {.name = "at",
                            .help = "When it happened; now unless it is said",
                            .example = "2026-03-01T12:00:00Z"}};
  inputs.person.help = "Who did it, of an event that belongs to no ranking";
  return inputs;
}

FeedbackEvents::FeedbackEvents(const Domain& domain, Inference& inference, storage::Store& store,
                               const Serving& serving, telemetry::Metrics& metrics, const Clock& clock)
    : domain_(domain),
      inputs_(event_inputs(domain)),
      inference_(inference),
      store_(store),
      serving_(serving),
      elsewhere_(metrics.feedback, inputs_.kind.words, "elsewhere"),
      clock_(clock) {}

Result<std::vector<ToldEvent>> FeedbackEvents::check(const boost::json::value& body) const {
  const WallTime now = clock_.wall();
  std::vector<ToldEvent> events;
  const boost::json::array* const list = body.if_array();
  if (list == nullptr && !body.is_object()) {
    return invalid_fields({{{"body"}, "Input should be an event, or a list of events", "value_error"}});
  }
  if (list != nullptr && (list->empty() || list->size() > kMostEvents)) {
    return invalid_fields({{{"body"},
                            "1 to " + std::to_string(kMostEvents) + " events can be told at once, not " +
                                std::to_string(list->size()),
                            "too_long"}});
  }
  if (list == nullptr)
    events.push_back(check_one(body, now));
  else
    for (const boost::json::value& event : *list) events.push_back(check_one(event, now));
  return events;
}

// A misspelt name must not change what is told.
void FeedbackEvents::refuse_others(BodyReader& reader) const {
  const std::array<std::string_view, 8> known = {
      inputs_.event_id.name, inputs_.task.name,  inputs_.person.name, inputs_.item.name,
      inputs_.kind.name,     inputs_.value.name, inputs_.weight.name, inputs_.at.name};
  for (const std::string& name : reader.others(known)) {
    const auto close = closest_name(name, known);
    reader.fault(
        {std::string{utf8_prefix(name, kShownName)}},
        "an event has no such member" + (close ? "; is " + std::string{*close} + " meant?" : std::string{}),
        "extra_forbidden");
  }
}

ToldEvent FeedbackEvents::check_one(const boost::json::value& event, WallTime now) const {
  BodyReader reader{event};
  ToldEvent told;
  refuse_others(reader);
  told.event_id = reader.read(inputs_.event_id);
  told.person = reader.read(inputs_.person);
  told.kind = reader.read(inputs_.kind);
  const auto value = reader.read_if_given(inputs_.value);
  told.weight = reader.read_if_given(inputs_.weight).value_or(1);
  told.at = read_at(inputs_.at, now, reader);
  const auto refuse = [&](std::string_view name, std::string message) {
    reader.fault({std::string{name}}, std::move(message), "value_error");
  };
  if (told.kind != kNoneKind)
    told.item = reader.read(inputs_.item);
  else if (reader.given(inputs_.item.name) != nullptr)
    refuse(inputs_.item.name, "none chosen is of no item: leave it out");
  if (const FeedbackRule* rule = rule_of(domain_.feedback, told.kind)) {
    if (std::string fault = value_fault(*rule, value); !fault.empty())
      refuse(inputs_.value.name, std::move(fault));
    told.value = value.value_or(rule->preset.value_or(1));
  } else if (told.kind == kNoneKind) {
    told.value = 0;
  }
  const std::size_t faults = reader.faults();
  if (const auto* task = reader.given(inputs_.task.name); task != nullptr && !task->is_null()) {
    told.task = reader.read(inputs_.task);
    if (!told.task && reader.faults() == faults) refuse(inputs_.task.name, "Task not found");
  } else if (told.person.empty()) {
    refuse(inputs_.task.name, "an event needs a task_id, or a user_key where it belongs to no ranking");
  } else if (told.kind == kNoneKind) {
    refuse(inputs_.task.name, "none chosen is of a ranking: it needs a task_id");
  }
  told.fault = in_one(reader.take_faults());
  return told;
}

// The outcomes of events that are being written, each by its own write.
class FeedbackEvents::Recording {
 public:
  Recording(std::size_t events, storage::Done<std::vector<EventOutcome>> done)
      : outcomes_(events), open_(events), done_(std::move(done)) {}

  // Of one event; from any thread, once for each.
  void settle(std::size_t at, const Status& status) {
    std::optional<Result<std::vector<EventOutcome>>> all;
    {
      const Lock lock{mutex_};
      if (!status) outcomes_[at] = outcome_of(status.error());
      if (!status && may_pass_with_time(status.error())) failure_ = status.error();
      if (--open_ > 0) return;
      all = failure_ ? Result<std::vector<EventOutcome>>(*failure_) : std::move(outcomes_);
    }
    done_(*std::move(all));
  }

 private:
  static EventOutcome outcome_of(const Error& error) {
    if (error.code == ErrorCode::kAlreadyExists) return {EventFate::kDuplicate, {}};
    return {EventFate::kRefused, error.message};
  }

  Mutex mutex_;
  std::vector<EventOutcome> outcomes_ GUARDED_BY(mutex_);
  std::size_t open_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  const storage::Done<std::vector<EventOutcome>> done_;
};

// Where the item stood in the ranking.
Result<storage::NewFeedback> FeedbackEvents::of_ranking(const ToldEvent& event) {
  storage::NewFeedback feedback;
  feedback.task = *event.task;
  feedback.kind = event.kind;
  feedback.value = event.value;
  feedback.weight = event.weight;
  feedback.at = event.at;
  feedback.event_id = event.event_id;
  if (!event.item) {
    const auto number = inference_.number_of(*event.task);
    if (!number) return number.error();
    feedback.inference = *number;
    return feedback;
  }
  const auto ended = inference_.load(*event.task);
  if (!ended) return ended.error();
  const auto item = serving_.item_names().find(*event.item);
  if (!item) return item.error();
  feedback.inference = (*ended)->inference;
  feedback.item = *item;
  const auto& items = (*ended)->ranking.items;
  const auto found = std::ranges::find(items, *item, &RankedItem::item);
  if (found == items.end()) {
    return Error(ErrorCode::kNotFound, "the ranking does not have " + domain_.item.one + " " +
                                           serving_.item_names().in_words(*item));
  }
  feedback.rank = static_cast<int>(found - items.begin()) + 1;
  return feedback;
}

Result<storage::NewPersonEvent> FeedbackEvents::of_person(const ToldEvent& event, WallTime now) {
  const auto item = serving_.item_names().find(*event.item);
  if (!item) return item.error();
  if (!serving_.current()->catalog->find(*item)) {  // it may have been an item's once
    const auto stored = store_.items(std::span{&*item, 1}, serving_.current()->catalog->version());
    if (!stored) return stored.error();
    if (stored->empty()) return serving_.item_names().not_found(*event.item);
  }
  return storage::NewPersonEvent{.person = event.person,
                                 .item = *item,
                                 .kind = event.kind,
                                 .value = event.value,
                                 .at = event.at,
                                 .received = now,
                                 .event_id = event.event_id};
}

void FeedbackEvents::record_one(const ToldEvent& event, std::size_t at,
                                const std::shared_ptr<Recording>& recording) {
  if (!event.fault.empty()) return recording->settle(at, Error(ErrorCode::kInvalidArgument, event.fault));
  if (!event.task) {
    auto of_one = of_person(event, clock_.wall());
    if (!of_one) return recording->settle(at, of_one.error());
    return store_.record_person_event(*std::move(of_one),
                                      [this, recording, at, kind = event.kind](const Result<void>& written) {
                                        if (written) elsewhere_.count(kind);
                                        recording->settle(at, written);
                                      });
  }
  auto feedback = of_ranking(event);
  if (!feedback) return recording->settle(at, feedback.error());
  inference_.tell(*std::move(feedback), std::nullopt,
                  [recording, at](const Result<storage::Exposure>& written) {
                    recording->settle(at, written ? Status{} : Status{written.error()});
                  });
}

void FeedbackEvents::record(std::vector<ToldEvent> events, BlockingPool& pool,
                            storage::Done<std::vector<EventOutcome>> done) {
  hand_to<std::vector<EventOutcome>>(
      pool, [this, events = std::move(events)](const auto& told) { record(events, told); }, std::move(done));
}

void FeedbackEvents::record(const std::vector<ToldEvent>& events,
                            storage::Done<std::vector<EventOutcome>> done) {
  const auto recording = std::make_shared<Recording>(events.size(), std::move(done));
  for (std::size_t at = 0; at < events.size(); ++at) {
    const Status ran = without_throwing([&] { record_one(events[at], at, recording); });
    if (!ran) recording->settle(at, ran);
  }
}

}  // namespace rankloop::app
