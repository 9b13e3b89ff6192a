// Where the domain of a process comes from, and where a changed one is kept for its next start.
//
// A configured file (the setting domain) is the domain. Without one an embedded store's own file is,
// "DATA_DIR/domain.toml", where there is one; else the built-in domain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

// A file whose whole text is changed at once, durably: after a crash it has the text of before or the new
// one. What a link leads to is changed, and keeps its permissions.
class DomainFile {
 public:
  // The file that a change is written to: the one that the settings mean, or else the data directory's.
  static DomainFile of(const config::Settings& settings);

  const std::string& path() const { return path_; }
  // Nothing when there is none. kUnavailable: it cannot be read.
  Result<std::optional<std::string>> text() const;
  // kFailedPrecondition: this process may not; the message names the file and the way out.
  Status write(std::string_view text) const;
  Status remove() const;

 private:
  explicit DomainFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace rankloop::server
