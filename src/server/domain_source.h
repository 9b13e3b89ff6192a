// Where the domain of a process comes from.
//
// A configured file (the setting domain) is the domain. Without one an embedded store's own file is,
// "DATA_DIR/domain.toml", where there is one; else the built-in domain.
#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "domain/domain.h"
#include "error/result.h"

namespace rankloop::server {

// The domain file beside an embedded store, whether it is there or not.
std::string domain_of_data_directory(const std::string& data_dir);

// The file that the settings mean; empty: the built-in domain.
std::string domain_file(const config::Settings& settings);

// The domain that the settings mean. kNotFound, kInvalidArgument.
Result<std::shared_ptr<const Domain>> load_domain(const config::Settings& settings);

}  // namespace rankloop::server
