// Subscribes to keys and reads those that came.
#include "queue/external/redis_answers.h"

#include <initializer_list>

#include <fcntl.h>
#include <fmt/format.h>

namespace rankloop::queue::external {
namespace {

constexpr timeval kCallLimit{2, 0};
constexpr std::chrono::seconds kPingEvery{2};
constexpr std::chrono::seconds kSilentFor{6};  // then the connection is taken for lost
constexpr std::string_view kKey = "celery-task-meta-";

std::string key_of(const TaskId& id) {
  return std::string{kKey} + id.to_string();
}

std::string_view text_of(const redisReply* reply) {
  return reply && reply->str ? std::string_view{reply->str, reply->len} : std::string_view{};
}

std::optional<TaskId> id_of(std::string_view key) {
  return key.starts_with(kKey) ? TaskId::parse(key.substr(kKey.size())) : std::nullopt;
}

}  // namespace

Error RedisAnswers::lost(const redisContext* context, std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{} (Redis): {}", what, context && context->err != 0 ? context->errstr : "refused")};
}

Status RedisAnswers::log_in(redisContext& context) const {
  const auto call = [&](std::initializer_list<const char*> words) {
    std::vector<const char*> texts(words);
    const Reply reply(static_cast<redisReply*>(
        redisCommandArgv(&context, static_cast<int>(texts.size()), texts.data(), nullptr)));
    return reply && reply->type != REDIS_REPLY_ERROR;
  };
  if (!address_.password.empty()) {
    const char* password = address_.password.c_str();
    if (!(address_.user.empty() ? call({"AUTH", password}) : call({"AUTH", address_.user.c_str(), password})))
      return lost(&context, "logging in");
  }
  const std::string database = std::to_string(address_.database);
  if (address_.database != 0 && !call({"SELECT", database.c_str()})) return lost(&context, "choosing the db");
  return {};
}

// Logs in waiting for each answer; from then on nothing waits.
Status RedisAnswers::connect(RedisChannel& line, Monotonic now) {
  line.context.reset(redisConnectWithTimeout(address_.host.c_str(), address_.port, kCallLimit));
  line.heard = now;
  line.is_sending = false;
  redisContext* context = line.context.get();
  if (!context || context->err != 0) return lost(context, "connecting");
  redisSetTimeout(context, kCallLimit);
  if (Status status = log_in(*context); !status) return status;
  const int flags = fcntl(context->fd, F_GETFL);
  if (flags < 0 || fcntl(context->fd, F_SETFL, flags | O_NONBLOCK) < 0) return lost(context, "connecting");
  context->flags &= ~REDIS_BLOCK;
  return {};
}

Status RedisAnswers::open() {
  close();
  for (RedisChannel* line : {&commands_, &listening_}) {
    if (Status status = connect(*line, std::chrono::steady_clock::now()); !status) {
      close();
      return status;
    }
  }
  for (const TaskId& id : expected_) command(listening_, {"SUBSCRIBE", key_of(id)});
  return {};
}

void RedisAnswers::close() {
  commands_.context.reset();
  listening_.context.reset();
  looked_up_.clear();
}

void RedisAnswers::command(RedisChannel& line, std::initializer_list<std::string_view> words) {
  if (!line.context) return;
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisAppendCommandArgv(line.context.get(), static_cast<int>(texts.size()), texts.data(), lengths.data());
  line.is_sending = true;
}

void RedisAnswers::expect(const TaskId& id) {
  expected_.insert(id);
  command(listening_, {"SUBSCRIBE", key_of(id)});
}

void RedisAnswers::forget(const TaskId& id, bool remove) {
  if (expected_.erase(id) == 0 || !is_open()) return;
  command(listening_, {"UNSUBSCRIBE", key_of(id)});
  if (!remove) return;
  command(commands_, {"DEL", key_of(id)});
  looked_up_.emplace_back();
}

Status RedisAnswers::transfer(RedisChannel& line, std::vector<Reply>& replies, Monotonic now) {
  redisContext* context = line.context.get();
  int sent = 0;
  while (line.is_sending && sent == 0) {
    const std::size_t before = sdslen(context->obuf);
    if (redisBufferWrite(context, &sent) != REDIS_OK) return lost(context, "sending");
    line.is_sending = sent == 0;
    if (sent == 0 && sdslen(context->obuf) == before) break;  // the socket is full
  }
  while (true) {
    if (redisBufferRead(context) != REDIS_OK) return lost(context, "reading");
    const std::size_t before = replies.size();
    for (void* reply = nullptr;; reply = nullptr) {
      if (redisGetReplyFromReader(context, &reply) != REDIS_OK) return lost(context, "reading");
      if (!reply) break;
      replies.emplace_back(static_cast<redisReply*>(reply));
    }
    if (replies.size() == before) break;
    line.heard = now;
  }
  if (now - line.heard > kSilentFor) return Error{ErrorCode::kUnavailable, "Redis does not answer"};
  return {};
}

void RedisAnswers::ping(Monotonic now) {
  if (now - pinged_ < kPingEvery) return;
  pinged_ = now;
  command(listening_, {"PING"});
  command(commands_, {"PING"});
  looked_up_.emplace_back();
}

Status RedisAnswers::exchange(Monotonic now, std::vector<StoredAnswer>& answers) {
  if (!is_open()) return {};
  ping(now);
  std::vector<Reply> announcements;
  Status status = transfer(listening_, announcements, now);
  for (const Reply& reply : announcements) on_announcement(*reply, answers);
  std::vector<Reply> replies;
  if (status) status = transfer(commands_, replies, now);
  for (const Reply& reply : replies) on_reply(*reply, answers);
  if (!status) close();
  return status;
}

// Once the subscription holds, a result that was written before it is looked up.
void RedisAnswers::on_announcement(const redisReply& reply, std::vector<StoredAnswer>& answers) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3) return;
  const std::string_view what = text_of(reply.element[0]);
  const auto id = id_of(text_of(reply.element[1]));
  if (!id || !expected_.contains(*id)) return;
  if (what == "message") answers.push_back({*id, std::string{text_of(reply.element[2])}});
  if (what != "subscribe") return;
  command(commands_, {"GET", key_of(*id)});
  looked_up_.emplace_back(*id);
}

void RedisAnswers::on_reply(const redisReply& reply, std::vector<StoredAnswer>& answers) {
  if (looked_up_.empty()) return;
  const std::optional<TaskId> id = looked_up_.front();
  looked_up_.pop_front();
  if (id && reply.type == REDIS_REPLY_STRING && expected_.contains(*id))
    answers.push_back({*id, std::string{text_of(&reply)}});
}

void RedisAnswers::watch(std::vector<pollfd>& sockets) const {
  for (const RedisChannel* line : {&commands_, &listening_}) {
    if (!line->context) continue;
    const int events = line->is_sending ? POLLIN | POLLOUT : POLLIN;
    sockets.push_back({line->context->fd, static_cast<short>(events), 0});
  }
}

}  // namespace rankloop::queue::external
