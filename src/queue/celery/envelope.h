// Celery's task messages (protocol 2: headers describe the task, the body is [args, kwargs, embed]). Pure: no
// I/O, no clock.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "domain/ids.h"
#include "queue/celery/message.h"
#include "queue/foreign_task.h"

namespace rankloop::queue::celery {

// A message that nobody here can run, and who may wait for it.
struct Refused {
  std::string reason;
  std::string id;  // empty when the message names none
  std::string reply_to;
  std::string correlation_id;
};

using Parsed = std::variant<TaskId, ForeignTask, Refused>;

// A hint is a task message without arguments; a header of our own tells it from tasks of other programs.
Message hint_message(const TaskId& id, std::string_view task_name, std::string_view origin);

// A TaskId for a hint, a ForeignTask (all but its kind set) for a task of protocol 2 in JSON, plain or
// compressed with zlib or gzip up to 16 MB. Anything else is refused: protocol 1, pickle, broken JSON.
Parsed parse_task(const Message& message);

}  // namespace rankloop::queue::celery
