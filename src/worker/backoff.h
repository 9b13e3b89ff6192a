// How long a task rests after an attempt that failed.
#pragma once

#include <chrono>

#include "storage/records.h"

namespace rankloop::worker {

// Full jitter over an exponential backoff (Brooker, "Exponential Backoff and Jitter", 2015), drawn from the
// task and the attempt: tasks that failed together do not come again together.
std::chrono::milliseconds backoff(const storage::ClaimedTask& task);

}  // namespace rankloop::worker
