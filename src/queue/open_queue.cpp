// One line per kind of queue.
#include <string>

#include "queue/memory/memory_queue.h"
#include "queue/queue.h"

namespace rankloop::queue {

Result<std::unique_ptr<HintQueue>> open_queue(std::string_view url) {
  if (url == "memory:") return std::unique_ptr<HintQueue>(std::make_unique<memory::MemoryQueue>());
  return Error{ErrorCode::kInvalidArgument, "A queue's address is memory:"};
}

}  // namespace rankloop::queue
