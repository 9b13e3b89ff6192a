// The job of an inference task.
#pragma once

#include <functional>
#include <stop_token>

#include "app/serve/inference.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&, const std::stop_token&)> run_inference(
    app::Inference& inference);

}  // namespace rankloop::worker
