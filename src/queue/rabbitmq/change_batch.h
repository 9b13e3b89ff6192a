// Changes between processes: many in one message on a fanout exchange. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/celery/message.h"
#include "queue/queue.h"

namespace rankloop::queue::rabbitmq {

// `from` names the sending process. Of versions only the last of each kind goes in.
celery::Message encode_changes(std::string_view from, const std::vector<Change>& changes);

// Empty for what `own` has sent itself and for what is no such message.
std::vector<Change> decode_changes(const celery::Message& message, std::string_view own);

}  // namespace rankloop::queue::rabbitmq
