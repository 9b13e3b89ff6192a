// The thread that writes results to Redis, and its connection.
#include "queue/celery_results/result_sender.h"

#include <charconv>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include "domain/strict_json.h"
#include "error/caught.h"
#include "sync/sleep.h"
#include "telemetry/thread_name.h"

namespace rankloop::queue::celery_results {
namespace {

constexpr timeval kCallLimit{2, 0};
constexpr std::chrono::milliseconds kRetryAfter{500};
constexpr std::chrono::seconds kFarewell{1};
constexpr std::string_view kDay = "86400";

struct ReplyFreed {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyFreed>;

bool is_success(std::string_view meta) {
  const Result<boost::json::value> value = parse_strict_json(meta, {}, {.values = 8U << 20U});
  const boost::json::object* fields = value ? value->if_object() : nullptr;
  const boost::json::value* status = fields ? fields->if_contains("status") : nullptr;
  return status && status->is_string() && status->get_string() == "SUCCESS";
}

}  // namespace

Result<RedisAddress> parse_redis_address(std::string_view url) {
  const auto refused = [&] {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is no address for results; allowed is redis://user:password@host:port/db",
                             telemetry::redact(url))};
  };
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "redis" || parsed->host().empty()) return refused();
  RedisAddress address;
  address.host = parsed->host_address();
  if (parsed->has_port()) address.port = parsed->port_number();
  address.user = parsed->user();
  address.password = parsed->password();
  const std::string path = parsed->path();
  if (path.size() > 1) {
    const auto [end, fault] = std::from_chars(path.data() + 1, path.data() + path.size(), address.database);
    if (fault != std::errc{} || end != path.data() + path.size()) return refused();
  }
  return address;
}

// A connection; broken after the first call that fails.
class ResultSender::Redis {
 public:
  Status open(const RedisAddress& address) {
    context_.reset(redisConnectWithTimeout(address.host.c_str(), address.port, kCallLimit));
    if (!context_ || context_->err != 0) return broken("connecting");
    redisSetTimeout(context_.get(), kCallLimit);
    if (!address.password.empty()) {
      const bool named = !address.user.empty();
      if (!(named ? call({"AUTH", address.user, address.password}) : call({"AUTH", address.password})))
        return broken("logging in");
    }
    if (address.database != 0 && !call({"SELECT", std::to_string(address.database)}))
      return broken("choosing the db");
    return {};
  }
  bool is_open() const { return context_ != nullptr; }

  // Both commands or none, and none when someone changed the key since we looked.
  Status store(const std::string& key, const std::string& meta) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      if (!call({"WATCH", key})) return broken("storing a result");
      const Reply there = call({"GET", key});
      if (!there) return broken("storing a result");
      if (there->type == REDIS_REPLY_STRING && is_success({there->str, there->len}))
        return call({"UNWATCH"}) ? Status{} : broken("storing a result");
      if (!call({"MULTI"}) || !call({"SETEX", key, kDay, meta}) || !call({"PUBLISH", key, meta}))
        return broken("storing a result");
      const Reply done = call({"EXEC"});
      if (!done) return broken("storing a result");
      if (done->type != REDIS_REPLY_NIL) return {};
    }
    return Error{ErrorCode::kAborted, "storing a result: others keep changing it"};
  }

 private:
  struct Freed {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  // Null for no answer and for an answer that is an error.
  Reply call(std::initializer_list<std::string_view> words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string_view word : words) {
      texts.push_back(word.data());
      lengths.push_back(word.size());
    }
    Reply reply(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), static_cast<int>(texts.size()), texts.data(), lengths.data())));
    if (reply && reply->type == REDIS_REPLY_ERROR) {
      refusal_.assign(reply->str, reply->len);
      reply.reset();
    }
    return reply;
  }
  Status broken(std::string_view what) {
    std::string why = context_ && context_->err != 0 ? context_->errstr : refusal_;
    context_.reset();
    return Error{ErrorCode::kUnavailable, fmt::format("{} (Redis): {}", what, why)};
  }

  std::unique_ptr<redisContext, Freed> context_;
  std::string refusal_;
};

ResultSender::ResultSender(RedisAddress address, telemetry::Logger* log)
    : address_(std::move(address)), log_(log), thread_([this](const std::stop_token& stop) { run(stop); }) {}

ResultSender::~ResultSender() = default;

bool ResultSender::send(const std::string& id, const std::string& meta) noexcept {
  const Lock lock(mutex_);
  if (waiting_.size() >= kMostWaiting) return false;
  waiting_.push_back({"celery-task-meta-" + id, meta});
  arrived_.notify_one();
  return true;
}

// False when there is nothing more and a stop is wanted.
bool ResultSender::next(const std::stop_token& stop, Waiting& out) {
  Lock lock(mutex_);
  arrived_.wait(lock, stop, [this]() REQUIRES(mutex_) { return !waiting_.empty(); });
  if (waiting_.empty()) return false;
  out = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

void ResultSender::run(const std::stop_token& stop) {
  telemetry::name_this_thread("results");
  Redis redis;
  std::optional<std::chrono::steady_clock::time_point> end;
  for (Waiting waiting; next(stop, waiting);) {
    while (true) {
      Status status = without_throwing([&] {
        if (Status opened = redis.is_open() ? Status{} : redis.open(address_); !opened) return opened;
        return redis.store(waiting.key, waiting.meta);
      });
      if (status) last_fault_.clear();
      if (status || status.error().code == ErrorCode::kAborted) break;
      note(status.error());
      if (stop.stop_requested()) return;
      sleep_for(kRetryAfter, stop);
    }
    if (!stop.stop_requested()) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!end) end = now + kFarewell;
    if (now > *end) return;
  }
}

void ResultSender::note(const Error& error) {
  if (std::exchange(last_fault_, error.message) != error.message && log_)
    log_->warning("results cannot be sent", {{"reason", error.message}});
}

}  // namespace rankloop::queue::celery_results
