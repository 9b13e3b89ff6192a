// Finds and reads the domain file.
#include "server/domain_source.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace rankloop::server {

std::string domain_of_data_directory(const std::string& data_dir) {
  return data_dir + "/domain.toml";
}

std::string domain_file(const config::Settings& settings) {
  if (!settings.domain.empty() || !settings.store.empty()) return settings.domain;
  std::string own = domain_of_data_directory(settings.data_dir);
  std::error_code fault;
  return std::filesystem::exists(own, fault) ? own : "";
}

Result<std::shared_ptr<const Domain>> load_domain(const config::Settings& settings) {
  const std::string file = domain_file(settings);
  if (file.empty()) return default_domain();
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read the domain file '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  const DomainCheck check = read_domain(text.str(), file);
  if (check.domain) return check.domain;
  const DomainFault& first = check.faults.front();
  return Error{ErrorCode::kInvalidArgument, file + ":" + std::to_string(first.line) + ": " + first.message +
                                                " (see all with: rankloop domain check " + file + ")"};
}

}  // namespace rankloop::server
