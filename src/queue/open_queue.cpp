// One line per kind of queue.
#include "queue/memory/memory_queue.h"
#include "queue/queue.h"
#include "queue/rabbitmq/rabbit_queue.h"

namespace rankloop::queue {

Result<std::unique_ptr<HintQueue>> open_queue(std::string_view url, const QueueOptions& options) {
  if (url == "memory:") return std::unique_ptr<HintQueue>(std::make_unique<memory::MemoryQueue>());
  return rabbitmq::RabbitQueue::open(url, options);
}

}  // namespace rankloop::queue
