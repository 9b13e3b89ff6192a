// The settings for people who look at a running server.
#pragma once

#include <string>

#include "config/settings.h"

namespace rankloop::server {

// An array of JSON, a setting an object. Tokens and the passwords in addresses are ***.
std::string settings_json(const config::Settings& settings);

}  // namespace rankloop::server
