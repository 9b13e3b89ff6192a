// The core without a door and without workers, for commands: of the embedded store while no server runs (it
// holds the lock of the data directory as long as it lives), or of a shared store beside its servers.
#pragma once

#include <memory>

#include "config/settings.h"
#include "error/result.h"
#include "server/core.h"

namespace rankloop::server {

// Logs warnings and errors only. Errors as Application::build.
Result<std::unique_ptr<Core>> open_offline(const config::Settings& settings);

}  // namespace rankloop::server
