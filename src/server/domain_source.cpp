// Finds, reads and replaces the domain file.
#include "server/domain_source.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace rankloop::server {
namespace {

namespace fs = std::filesystem;

// Of a file or a folder: what was done to it is on the disk. Answers errno, or 0.
int sync_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int fault = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return fault;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path{"."};
}

// Writes a draft beside the file, for its readers alone, and makes it the file.
std::error_code replace(const fs::path& file, std::string_view text) {
  std::error_code fault;
  const fs::file_status before = fs::status(file, fault);
  const fs::perms allowed =
      fs::exists(before) ? before.permissions() : fs::perms::owner_read | fs::perms::owner_write;
  fs::path draft = file;
  draft += ".draft";
  errno = 0;
  std::ofstream out{draft, std::ios::binary | std::ios::trunc};
  out << text;
  out.close();
  if (!out) return {errno == 0 ? EIO : errno, std::generic_category()};
  fs::permissions(draft, allowed, fault);
  if (!fault) fault = {sync_to_disk(draft), std::generic_category()};
  if (!fault) fs::rename(draft, file, fault);
  if (!fault) fault = {sync_to_disk(folder_of(file)), std::generic_category()};
  std::error_code ignored;
  if (fault) fs::remove(draft, ignored);
  return fault;
}

Error may_not(const std::string& path, const std::error_code& fault) {
  return {ErrorCode::kFailedPrecondition,
          "this server cannot write the domain file '" + path + "' (" + fault.message() +
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
  if (!fault) fault = replace(target, text);
  return fault ? Status{may_not(path_, fault)} : Status{};
}

Status DomainFile::remove() const {
  std::error_code fault;
  fs::remove(path_, fault);
  if (!fault) fault = {sync_to_disk(folder_of(path_)), std::generic_category()};
  return fault ? Status{may_not(path_, fault)} : Status{};
}

}  // namespace rankloop::server
