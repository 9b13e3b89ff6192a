// Reads /proc/self.
#include "telemetry/process_usage.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace rankloop::telemetry {
namespace {

// The fields of /proc/self/stat from the third on (proc(5) counts from 1); a program's name may have spaces.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(line.substr(end_of_name + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    if (double seconds = 0; word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double open_files() {
  std::error_code fault;
  double count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", fault), end; !fault && at != end;
       at.increment(fault)) {
    ++count;
  }
  return count;
}

}  // namespace

ProcessUsage process_usage() {
  constexpr std::size_t kUser = 11, kSystem = 12, kThreads = 17, kStart = 19, kVirtual = 20, kResident = 21;
  ProcessUsage usage;
  const std::vector<std::string> fields = stat_fields();
  if (fields.size() > kResident) {
    const auto number = [&](std::size_t field) { return std::stod(fields[field]); };
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    static const double boot = boot_seconds();
    usage.cpu_seconds = (number(kUser) + number(kSystem)) / ticks;
    usage.threads = number(kThreads);
    usage.start_seconds = boot + number(kStart) / ticks;
    usage.virtual_bytes = number(kVirtual);
    usage.resident_bytes = number(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  usage.open_files = open_files();
  rlimit most{};
  if (getrlimit(RLIMIT_NOFILE, &most) == 0) usage.most_files = static_cast<double>(most.rlim_cur);
  return usage;
}

}  // namespace rankloop::telemetry
