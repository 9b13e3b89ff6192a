// Reads the events of a task, has them written, and answers.
#include "app/serve/foreign_feedback.h"

#include <cstddef>
#include <utility>

#include "app/serve/in_words.h"
#include "domain/strict_json.h"
#include "queue/celery/result.h"

namespace rankloop::app {
namespace {

// Events that bring no id get one, by which they are known when the message comes again; answers which.
std::vector<bool> name_events(std::vector<ToldEvent>& events, const TaskId& task) {
  std::vector<bool> named(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    named[i] = events[i].event_id.empty();
    if (named[i]) events[i].event_id = "task " + task.to_string() + " " + std::to_string(i);
  }
  return named;
}

}  // namespace

Result<std::vector<ToldEvent>> ForeignFeedback::events_of(const queue::ForeignTask& task) const {
  const Result<boost::json::value> args = parse_strict_json(task.args);
  if (!args) return args.error();
  const Result<boost::json::value> kwargs = parse_strict_json(task.kwargs);
  if (!kwargs) return kwargs.error();
  const bool named = kwargs->is_object() && !kwargs->get_object().empty();
  const std::size_t count = args->is_array() ? args->get_array().size() : 0;
  if (count == 1 && !named) return events_.check(args->get_array().front());
  if (count == 0 && named) return events_.check(*kwargs);
  return Error{ErrorCode::kInvalidArgument,
               "the task has " + std::to_string(count) + " arguments " +
                   (named ? "and others by name" : "and none by name") +
                   "; allowed is an event or a list of events, or the members of one event by name"};
}

void ForeignFeedback::tell(const queue::ForeignTask& task, Settle settle) {
  auto events = events_of(task);
  if (!events) {
    fail(task, in_words(events.error()));
    return settle(true);
  }
  std::vector<bool> named = name_events(*events, task.id);
  events_.record(*events, [this, task, named = std::move(named),
                           settle = std::move(settle)](Result<std::vector<EventOutcome>> outcomes) {
    if (!outcomes) return settle(false);
    for (std::size_t i = 0; i < outcomes->size(); ++i) {
      EventOutcome& outcome = (*outcomes)[i];
      // By the same message, before its end was known.
      if (named[i] && outcome.fate == EventFate::kDuplicate) outcome.fate = EventFate::kAccepted;
    }
    answer(task, queue::celery::success_meta(task.id.to_string(), to_json(*outcomes), clock_.wall()));
    settle(true);
  });
}

void ForeignFeedback::fail(const queue::ForeignTask& task, const std::string& reason) const {
  answer(task, queue::celery::failure_meta(task.id.to_string(), "ValueError", reason, clock_.wall()));
}

void ForeignFeedback::revoke(const queue::ForeignTask& task, const std::string& reason) const {
  answer(task, queue::celery::revoked_meta(task.id.to_string(), reason, clock_.wall()));
}

void ForeignFeedback::answer(const queue::ForeignTask& task, std::string meta) const {
  if (task.ignore_result) return;
  hints_.send_result(
      {task.id.to_string(), task.reply_to, task.correlation_id, std::move(meta), task.traceparent});
}

}  // namespace rankloop::app
