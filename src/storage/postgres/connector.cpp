// Connects, and rests after a failure.
#include "storage/postgres/connector.h"

#include <algorithm>
#include <string_view>

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kShortestPause = 100ms;
constexpr auto kLongestPause = 800ms;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// Null when it is not a URI. What libpq says of a faulty one would repeat parts of it, a password among them.
Options parse(const std::string& url) {
  char* told = nullptr;
  Options options(PQconninfoParse(url.c_str(), &told));
  PQfreemem(told);
  return options;
}

std::string option(const Options& options, std::string_view key) {
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword != nullptr; ++one) {
    if (one->keyword == key && one->val != nullptr) return one->val;
  }
  return {};
}

}  // namespace

Status Connector::check(const std::string& url) {
  if (parse(url) != nullptr) return {};
  return Error{ErrorCode::kInvalidArgument,
               "The address of the PostgreSQL database cannot be read; its form is "
               "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"};
}

Connector::Connector(std::string url, std::chrono::milliseconds deadline)
    : url_(std::move(url)), deadline_(std::max<std::chrono::milliseconds>(deadline, kShortestDeadline)) {
  const Options options = parse(url_);
  const std::string port = option(options, "port");
  place_ = option(options, "host") + (port.empty() ? "" : ":" + port) + "/" + option(options, "dbname");
  password_ = option(options, "password");
}

std::string Connector::without_password(std::string text) const {
  if (password_.empty()) return text;
  for (std::size_t at = text.find(password_); at != std::string::npos; at = text.find(password_, at)) {
    text.replace(at, password_.size(), "***");
    at += 3;
  }
  return text;
}

Error Connector::refusal(const std::string& detail) const {
  return {ErrorCode::kUnavailable, "The PostgreSQL database " + place_ + " cannot be reached",
          without_password(detail)};
}

Result<std::unique_ptr<Connection>> Connector::connect() {
  {
    const Lock lock(mutex_);
    if (silent_) return refusal("the server answers nobody");
    if (Time::now() < not_before_) return refusal(last_failure_);
  }
  try {
    auto made = std::make_unique<Connection>(url_, deadline_ - kLongestLook, queries_, &silent_);
    const Lock lock(mutex_);
    pause_ = 0ms;
    not_before_ = {};
    return made;
  } catch (const DatabaseError& error) {
    const Lock lock(mutex_);
    pause_ = std::clamp(2 * pause_, kShortestPause, kLongestPause);
    not_before_ = Time::now() + pause_;
    last_failure_ = error.what();
    return refusal(last_failure_);
  }
}

void Connector::look_for_life() {
  const bool answers = Connection::is_answered(url_);
  const bool was_silent = silent_.exchange(!answers);
  if (!answers || !was_silent) return;
  const Lock lock(mutex_);
  pause_ = 0ms;
  not_before_ = {};
}

}  // namespace rankloop::storage::postgres
