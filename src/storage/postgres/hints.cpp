// Writes hints as payloads and reads them.
#include "storage/postgres/hints.h"

#include <charconv>
#include <optional>

namespace rankloop::storage::postgres {
namespace {

constexpr std::size_t kMaxPayload = 7'999;
constexpr std::size_t kDigits = 32;
constexpr int kMostKinds = 64;  // one sign each, from '0' on

std::string without_hyphens(const TaskId& id) {
  std::string text = id.to_string();
  std::erase(text, '-');
  return text;
}

std::optional<TaskId> task_of(std::string_view digits) {
  if (digits.size() != kDigits) return std::nullopt;
  std::string text(digits);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return TaskId::parse(text);
}

std::optional<std::int64_t> version_of(std::string_view digits) {
  std::int64_t version = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return version;
}

void tell(std::string_view hint, StoreListener& listener) {
  if (hint.size() < 2) return;
  const std::string_view rest = hint.substr(1);
  const int number = rest.front() - '0';
  if (hint.front() == 'k' || hint.front() == 'm') {
    const std::optional<std::int64_t> version = version_of(rest);
    if (!version) return;
    if (hint.front() == 'k') listener.catalog_changed(*version);
    if (hint.front() == 'm') listener.registry_changed(*version);
    return;
  }
  const std::optional<TaskId> task = task_of(rest.substr(1));
  if (!task) return;
  if (hint.front() == 'r' && number >= 0 && number < kMostKinds) {
    listener.task_ready(static_cast<TaskKind>(number), *task);
  }
  if (hint.front() == 'c' && number >= 0 && number <= static_cast<int>(TaskState::kExpired)) {
    listener.task_changed(*task, static_cast<TaskState>(number));
  }
}

}  // namespace

std::string ready_hint(TaskKind kind, const TaskId& id) {
  return std::string{'r', static_cast<char>('0' + static_cast<int>(kind))} + without_hyphens(id);
}

std::string changed_hint(const TaskId& id, TaskState state) {
  return "c" + std::to_string(static_cast<int>(state)) + without_hyphens(id);
}

std::string catalog_hint(std::int64_t version) {
  return "k" + std::to_string(version);
}
std::string registry_hint(std::int64_t version) {
  return "m" + std::to_string(version);
}

std::vector<std::string> pack_hints(std::string_view origin, const std::vector<std::string>& hints,
                                    const StoreListener& listener) {
  std::vector<std::string> payloads;
  for (const std::string& hint : hints) {
    if (hint.front() == 'r' && listener.tells_ready(static_cast<TaskKind>(hint[1] - '0'))) continue;
    if (hint.front() == 'c' && listener.reaches_others()) continue;
    if (payloads.empty() || payloads.back().size() + 1 + hint.size() > kMaxPayload) {
      payloads.push_back(std::string(origin) + " " + hint);
    } else {
      payloads.back() += "," + hint;
    }
  }
  return payloads;
}

void unpack_hints(std::string_view payload, std::string_view origin, StoreListener& listener) {
  const std::size_t space = payload.find(' ');
  if (space == std::string_view::npos || payload.substr(0, space) == origin) return;
  std::string_view rest = payload.substr(space + 1);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    tell(rest.substr(0, comma), listener);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
}

}  // namespace rankloop::storage::postgres
