// The queue's calls, handed to the thread of the link.
#include "queue/rabbitmq/rabbit_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace rankloop::queue::rabbitmq {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status checked(const QueueOptions& options) {
  constexpr std::size_t kLongestName = 200;  // AMQP allows 255; ".dead" is appended
  const auto is_name = [](const std::string& name) { return !name.empty() && name.size() <= kLongestName; };
  for (const auto* names : {&options.queues, &options.tasks}) {
    for (const std::string& name : *names) {
      if (!is_name(name))
        return invalid(fmt::format("the name \"{}\" of a queue or task has to have 1 to 200 bytes", name));
    }
    if (names->front() == names->back())
      return invalid(
          fmt::format("inference and training both have the name {}; they need two", names->front()));
  }
  const auto& tasks = options.tasks;
  if (!is_name(options.feedback_task) || std::ranges::find(tasks, options.feedback_task) != tasks.end())
    return invalid(
        fmt::format("the name \"{}\" of feedback has to have 1 to 200 bytes and to be no other task's",
                    options.feedback_task));
  if (options.node.size() > kLongestName) return invalid("the name of the node has more than 200 bytes");
  if (options.heartbeat < std::chrono::seconds{1} || options.heartbeat > std::chrono::seconds{600})
    return invalid(fmt::format("the heartbeat is {} s; allowed are 1 to 600 s", options.heartbeat.count()));
  if (options.least_backoff.count() < 1 || options.most_backoff < options.least_backoff)
    return invalid(
        fmt::format("attempts to connect are {} to {} ms apart; allowed are 1 ms and more, the second not "
                    "less than the first",
                    options.least_backoff.count(), options.most_backoff.count()));
  return {};
}

}  // namespace

Result<std::unique_ptr<HintQueue>> RabbitQueue::open(std::string_view url, const QueueOptions& options) {
  auto address = parse_address(url);
  if (!address) return address.error();
  if (Status status = checked(options); !status) return status.error();
  std::unique_ptr<celery_results::ResultSender> results;
  if (!options.results_url.empty()) {
    auto redis = celery_results::parse_redis_address(options.results_url);
    if (!redis) return redis.error();
    results = std::make_unique<celery_results::ResultSender>(*std::move(redis), options.log);
  }
  try {
    return std::unique_ptr<HintQueue>(
        std::make_unique<RabbitQueue>(*std::move(address), options, std::move(results)));
  } catch (const std::exception& fault) {
    return Error{ErrorCode::kResourceExhausted, "the queue cannot be opened", fault.what()};
  }
}

RabbitQueue::RabbitQueue(Address address, const QueueOptions& options,
                         std::unique_ptr<celery_results::ResultSender> results)
    : results_(std::move(results)), loop_(std::move(address), options, inbox_, receivers_, results_.get()) {}

void RabbitQueue::announce_ready(TaskKind kind, const TaskId& id) noexcept {
  if (!is_foreign(kind)) return own_.announce_ready(kind, id);
  if (!inbox_->add_hint({kind, id})) ++dropped_;
}

std::vector<TaskId> RabbitQueue::wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                            std::stop_token stop) {
  if (!is_foreign(kind)) return own_.wait_ready(kind, limit, at_most, std::move(stop));
  return loop_.buffer(kind).wait(limit, at_most, stop);
}

void RabbitQueue::acknowledge(TaskKind kind, std::span<const TaskId> ids) noexcept {
  if (is_foreign(kind)) loop_.buffer(kind).acknowledge(ids);
}

void RabbitQueue::broadcast(const Change& change) noexcept {
  receivers_->tell(change);
  inbox_->add_change(change);  // a full inbox drops it: others look into the store once a second
}

void RabbitQueue::hear_ready(TaskKind kind, const TaskId& id) noexcept {
  if (!is_foreign(kind)) return own_.hear_ready(kind, id);
  loop_.buffer(kind).offer(id, std::nullopt);
}

std::unique_ptr<Subscription> RabbitQueue::subscribe(std::function<void(const Change&)> receive) {
  return receivers_->add(std::move(receive));
}

void RabbitQueue::send_result(const ForeignResult& result) noexcept {
  inbox_->add_result(result);
}

QueueCounts RabbitQueue::counts() const {
  QueueCounts counts = loop_.counts();
  counts.dropped += dropped_ + own_.counts().dropped;
  return counts;
}

}  // namespace rankloop::queue::rabbitmq
