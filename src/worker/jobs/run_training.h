// The job of a training task.
#pragma once

#include <functional>
#include <stop_token>

#include "app/learn/training.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&, const std::stop_token&)> run_training(
    app::Training& training);

}  // namespace rankloop::worker
