// The job of an inference task.
#pragma once

#include <functional>

#include "app/inference.h"

namespace rankloop::worker {

std::function<void(const storage::ClaimedTask&)> run_inference(app::Inference& inference);

}  // namespace rankloop::worker
