// Messages of other programs turned into tasks of the ledger, refused, or given back to the broker.
#include "app/serve/foreign_tasks.h"

#include <chrono>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/serve/in_words.h"
#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMostWaiting = 5'000;
constexpr std::size_t kMostRevoked = 10'000;
constexpr const char* kRevoked = "revoked";
constexpr const char* kExpired = "expired before it came";
constexpr const char* kCanvas =
    "the task is part of a canvas (a chain, a chord, or with callbacks): no other task is started from here; "
    "send it alone";

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

storage::ForeignTerms terms_of(const queue::ForeignTask& task) {
  storage::ForeignTerms terms;
  if (!task.ignore_result) terms.reply = {task.reply_to, task.correlation_id};
  if (task.eta) terms.not_before = std::chrono::ceil<std::chrono::milliseconds>(*task.eta);
  if (task.expires) terms.expires = std::chrono::floor<std::chrono::milliseconds>(*task.expires);
  return terms;
}

}  // namespace

struct ForeignTasks::Arrival {
  queue::ForeignTask task;
  storage::ForeignTerms terms;
  std::optional<telemetry::TraceContext> trace;  // the producer's span
  TaskKind kind = TaskKind::kInference;          // by its name
  std::function<void(bool taken)> settle;
  bool expected = false;  // its result, by this arrival of it
  bool refused = false;
};

ForeignTasks::ForeignTasks(ForeignNames names, std::shared_ptr<const Domain> domain, storage::Store& store,
                           Inference& inference, Persons& persons, Training& training, Tasks& tasks,
                           ForeignResults& results, ForeignFeedback feedback, const Clock& clock)
    : names_(std::move(names)),
      domain_(std::move(domain)),
      store_(store),
      inference_(inference),
      persons_(persons),
      training_(training),
      tasks_(tasks),
      results_(results),
      feedback_(feedback),
      clock_(clock),
      executor_("foreign tasks", kMostWaiting) {}

void ForeignTasks::task_arrived(queue::ForeignTask task, std::function<void(bool taken)> settle) noexcept {
  auto arrived = std::make_shared<Arrival>();
  arrived->terms = terms_of(task);
  arrived->trace = telemetry::parse_traceparent(task.traceparent);
  arrived->task = std::move(task);
  arrived->settle = std::move(settle);
  if (!executor_.submit([this, arrived] { take(arrived); })) arrived->settle(false);
}

void ForeignTasks::take(const Arrived& arrived) {
  const queue::ForeignTask& task = arrived->task;
  const auto& [ranking, training] = names_.tasks;
  if (task.name == names_.feedback) return tell(arrived);
  arrived->kind = task.name == training ? TaskKind::kTraining : TaskKind::kInference;
  // Before the ledger has it: the end may be told before the beginning is.
  if (arrived->terms.reply) arrived->expected = results_.expect(task.id, *arrived->terms.reply);
  if (is_revoked(task.id)) return refuse(arrived, TaskState::kCancelled, kRevoked);
  if (arrived->terms.expires && *arrived->terms.expires <= clock_.wall()) {
    return refuse(arrived, TaskState::kExpired, kExpired);
  }
  if (task.name != ranking && task.name != training) {
    return refuse(arrived, TaskState::kFailed,
                  "the task " + task.name + " is unknown; known are " + ranking + ", " + training + " and " +
                      names_.feedback);
  }
  if (task.is_canvas) return refuse(arrived, TaskState::kFailed, kCanvas);
  if (arrived->kind == TaskKind::kTraining) return start_training(arrived);
  start_inference(arrived);
}

// A feedback, which is no task of the ledger. A time before which it should not run says nothing: what
// happened has happened.
void ForeignTasks::tell(const Arrived& arrived) {
  const queue::ForeignTask& task = arrived->task;
  if (is_revoked(task.id)) {
    feedback_.revoke(task, kRevoked);
  } else if (arrived->terms.expires && *arrived->terms.expires <= clock_.wall()) {
    feedback_.revoke(task, kExpired);
  } else if (task.is_canvas) {
    feedback_.fail(task, kCanvas);
  } else {
    return feedback_.tell(task, arrived->settle);
  }
  arrived->settle(true);
}

void ForeignTasks::start_inference(const Arrived& arrived) {
  Result<InferenceInput> input = input_of(arrived->task);
  if (!input) {
    if (input.error().code == ErrorCode::kUnavailable) return settle(arrived, input.error());
    return refuse(arrived, TaskState::kFailed, in_words(input.error()));
  }
  input->foreign = arrived->terms;
  input->trace = arrived->trace;
  inference_.start(arrived->task.id, *std::move(input), std::nullopt,
                   [this, arrived](const Result<storage::StartedInference>& started) {
                     settle(arrived, started ? Status{} : Status{started.error()});
                   });
}

void ForeignTasks::start_training(const Arrived& arrived) {
  const Result<boost::json::value> args = parse_strict_json(arrived->task.args);
  const Result<boost::json::value> kwargs = parse_strict_json(arrived->task.kwargs);
  if (!args || !kwargs || !args->is_array() || !args->get_array().empty()) {
    return refuse(arrived, TaskState::kFailed,
                  "a training takes arguments by name only: family, window, promote, dry_run");
  }
  const Result<TrainingRequest> request = training_.check(*kwargs);
  if (!request) return refuse(arrived, TaskState::kFailed, in_words(request.error()));
  if (const Status enough = training_.enough_evidence(); !enough) {
    if (enough.error().code == ErrorCode::kUnavailable) return settle(arrived, enough);
    return refuse(arrived, TaskState::kFailed, enough.error().message);
  }
  training_.start_foreign(arrived->task.id, *request, arrived->terms, arrived->trace,
                          [this, arrived](const Result<storage::TaskRecord>& started) {
                            settle(arrived, started ? Status{} : Status{started.error()});
                          });
}

Result<InferenceInput> ForeignTasks::input_of(const queue::ForeignTask& task) {
  const Result<boost::json::value> args = parse_strict_json(task.args);
  if (!args) return args.error();
  Result<boost::json::value> kwargs = parse_strict_json(task.kwargs);
  if (!kwargs) return kwargs.error();
  const bool named = kwargs->is_object() && !kwargs->get_object().empty();
  const std::size_t count = args->is_array() ? args->get_array().size() : 0;
  if (count == 1 && !named) return stored_user(args->get_array().front());
  if (count == 0 && named) {
    const auto complete = persons_.complete(*kwargs, Persons::Reach::kStore);
    return complete ? inference_.check(*kwargs) : complete.error();
  }
  return invalid("the task has " + std::to_string(count) + " arguments " +
                 (named ? "and others by name" : "and none by name") +
                 "; allowed is the number of a stored " + domain_->request.one +
                 ", or the fields of a request by name");
}

Result<InferenceInput> ForeignTasks::stored_user(const boost::json::value& number) {
  const std::string& noun = domain_->request.one;
  if (!number.is_int64()) {
    return invalid(boost::json::serialize(number) + " is no number of a stored " + noun);
  }
  const Result<storage::RequestRecord> user = store_.user(RequestId{number.get_int64()});
  if (!user) {
    if (user.error().code != ErrorCode::kNotFound) return user.error();
    return invalid("no stored " + noun + " has the number " + std::to_string(number.get_int64()));
  }
  Result<Record> request = domain_->requests.read(user->payload);
  if (!request) return request.error();
  InferenceInput input;
  input.request = *std::move(request);
  input.request.payload = user->payload;
  input.person = user->person;
  return input;
}

void ForeignTasks::refuse(const Arrived& arrived, TaskState state, std::string reason) {
  arrived->refused = true;
  store_.refuse_task({arrived->task.id, arrived->kind, state, std::move(reason), arrived->terms.reply,
                      clock_.wall(), arrived->trace},
                     [this, arrived](const Status& refused) { settle(arrived, refused); });
}

// What the ledger has, by this arrival or an earlier one, is settled. What it cannot take now comes again.
void ForeignTasks::settle(const Arrived& arrived, const Status& outcome) {
  if (outcome) return arrived->settle(true);
  const ErrorCode code = outcome.error().code;
  const bool there = code == ErrorCode::kAlreadyExists;
  const bool away = code == ErrorCode::kUnavailable || code == ErrorCode::kResourceExhausted;
  if (!there && !away && !arrived->refused)
    return refuse(arrived, TaskState::kFailed, outcome.error().message);
  if (arrived->expected) results_.forget(arrived->task.id);
  arrived->settle(there);
}

void ForeignTasks::revoke(std::vector<std::string> ids) noexcept {
  for (const std::string& text : ids) {
    const std::optional<TaskId> id = TaskId::parse(text);
    if (!id) continue;  // another program's
    {
      const Lock lock(mutex_);
      if (revoked_.insert(*id).second) revoked_in_order_.push_back(*id);
      if (revoked_in_order_.size() > kMostRevoked) {
        revoked_.erase(revoked_in_order_.front());
        revoked_in_order_.pop_front();
      }
    }
    executor_.submit([this, id = *id] { cancel(id); });
  }
}

bool ForeignTasks::is_revoked(const TaskId& task) {
  const Lock lock(mutex_);
  return revoked_.contains(task);
}

// Every worker hears of it; whoever looks after the first has committed has nothing left to do.
void ForeignTasks::cancel(const TaskId& task) {
  const Result<storage::TaskRecord> record = tasks_.get(task);
  if (!record || is_terminal(record->state)) return;
  tasks_.cancel(task, std::nullopt, [](const Result<storage::TaskRecord>&) {});
}

void ForeignForwarder::forward_to(queue::ForeignListener* listener) {
  const Lock lock(mutex_);
  listener_ = listener;
}

void ForeignForwarder::task_arrived(queue::ForeignTask task,
                                    std::function<void(bool taken)> settle) noexcept {
  const Lock lock(mutex_);
  if (listener_ == nullptr) return settle(false);
  listener_->task_arrived(std::move(task), std::move(settle));
}

void ForeignForwarder::revoke(std::vector<std::string> ids) noexcept {
  const Lock lock(mutex_);
  if (listener_ != nullptr) listener_->revoke(std::move(ids));
}

}  // namespace rankloop::app
