// Finds, reads and replaces the domain file.
#include "server/domain_source.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "storage/new_file.h"

namespace rankloop::server {
namespace {

namespace fs = std::filesystem;

// Writes a draft beside the file and makes it the file.
Status replace(const fs::path& file, std::string_view text) {
  std::error_code fault;
  const fs::file_status before = fs::status(file, fault);
  const auto made = storage::NewFile::make(file.string() + ".draft");
  if (!made) return made.error();
  if (Status written = (*made)->write(text); !written) return written;
  if (fs::exists(before)) {
    const auto allowed = static_cast<::mode_t>(before.permissions());
    if (Status set = (*made)->allow(allowed); !set) return set;
  }
  return (*made)->take_name(file.string(), true);
}

Error may_not(const std::string& path, const std::string& why) {
  return {ErrorCode::kFailedPrecondition,
          "this server cannot write the domain file '" + path + "' (" + why +
              "): change the file there and start the server anew, or let the server's user write it"};
}

}  // namespace

std::string domain_of_data_directory(const std::string& data_dir) {
  return data_dir + "/domain.toml";
}

std::string domain_file(const config::Settings& settings) {
  if (!settings.domain.empty() || !settings.store.empty()) return settings.domain;
  std::string own = domain_of_data_directory(settings.data_dir);
  std::error_code fault;
  return fs::exists(own, fault) ? own : "";
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

DomainFile DomainFile::of(const config::Settings& settings) {
  const std::string file = domain_file(settings);
  return DomainFile{file.empty() ? domain_of_data_directory(settings.data_dir) : file};
}

Result<std::optional<std::string>> DomainFile::text() const {
  std::error_code fault;
  if (!fs::exists(path_, fault)) return std::optional<std::string>{};
  std::ifstream in{path_, std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return Error{ErrorCode::kUnavailable, "cannot read the domain file '" + path_ + "'"};
  return std::optional{text.str()};
}

Status DomainFile::write(std::string_view text) const {
  std::error_code fault;
  const fs::path target = fs::exists(path_, fault) ? fs::canonical(path_, fault) : fs::path{path_};
  if (fault) return may_not(path_, fault.message());
  const Status replaced = replace(target, text);
  return replaced ? replaced : Status{may_not(path_, replaced.error().message)};
}

Status DomainFile::remove() const {
  std::error_code fault;
  fs::remove(path_, fault);
  if (fault) return may_not(path_, fault.message());
  const Status kept = storage::flush_folder_of(path_);
  return kept ? kept : Status{may_not(path_, kept.error().message)};
}

}  // namespace rankloop::server
