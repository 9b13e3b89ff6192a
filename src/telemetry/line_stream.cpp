// Writes without waiting, and the thread for what had to wait.
#include "telemetry/line_stream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "telemetry/thread_name.h"

namespace rankloop::telemetry {
namespace {

constexpr int kLookMs = 100;
constexpr std::chrono::seconds kLastLines{1};

bool has_room(int descriptor, int milliseconds) {
  pollfd asked{descriptor, POLLOUT, 0};
  return ::poll(&asked, 1, milliseconds) == 1;
}

}  // namespace

LineStream::LineStream(int descriptor, std::function<std::string(std::uint64_t)> dropped)
    : descriptor_(descriptor), dropped_line_(std::move(dropped)) {}

// What the descriptor is now: it may be another file than a moment ago.
void LineStream::look() {
  struct stat is{};
  if (::fstat(descriptor_, &is) != 0 || (is.st_dev == device_ && is.st_ino == number_)) return;
  device_ = is.st_dev;
  number_ = is.st_ino;
  if (own_ >= 0) ::close(std::exchange(own_, -1));
  kind_ = S_ISSOCK(is.st_mode) ? Kind::kSocket : Kind::kFile;
  if (S_ISSOCK(is.st_mode) || S_ISREG(is.st_mode)) return;
  // A flag on the descriptor itself would hold for every process that shares it, a shell for one.
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor_);
  own_ = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  kind_ = own_ >= 0 ? Kind::kOwn : Kind::kShared;
}

LineStream::~LineStream() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
  if (own_ >= 0) ::close(own_);
}

// How many bytes were taken; 0 when there is no room, below 0 when nobody can ever read them.
ssize_t LineStream::write_some(std::string_view bytes) const {
  ssize_t taken = -1;
  switch (kind_) {
    case Kind::kFile:
      taken = ::write(descriptor_, bytes.data(), bytes.size());
      break;
    case Kind::kSocket:
      taken = ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      break;
    case Kind::kOwn:
      taken = ::write(own_, bytes.data(), bytes.size());
      break;
    case Kind::kShared:
      // Where there is room for anything there is room for so much, if nobody else takes it first.
      if (!has_room(descriptor_, 0)) return 0;
      taken = ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      break;
  }
  if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
  return taken;
}

void LineStream::write(std::string_view line) {
  const Lock lock(mutex_);
  look();
  std::size_t done = 0;
  if (waiting_.empty()) {
    while (done < line.size()) {
      const ssize_t taken = write_some(line.substr(done));
      if (taken < 0) return;
      if (taken == 0) break;
      done += static_cast<std::size_t>(taken);
    }
    if (done == line.size()) return;
  }
  if (waiting_bytes_ + line.size() > kMostWaiting) {
    ++dropped_;
    return;
  }
  waiting_.emplace_back(line.substr(done));
  waiting_bytes_ += waiting_.back().size();
  if (!writer_.joinable()) {
    writer_ = std::jthread{[this](const std::stop_token& stop) {
      name_this_thread("log");
      write_later(stop);
    }};
  }
  arrived_.notify_one();
}

// False when there is no more room.
bool LineStream::write_first() {
  std::string& line = waiting_.front();
  const ssize_t taken = write_some(line);
  if (taken == 0) return false;
  const std::size_t gone = taken < 0 ? line.size() : static_cast<std::size_t>(taken);
  waiting_bytes_ -= gone;
  line.erase(0, gone);
  if (!line.empty()) return true;
  waiting_.pop_front();
  if (waiting_.empty() && dropped_ > 0) {
    waiting_.push_back(dropped_line_(std::exchange(dropped_, 0)));
    waiting_bytes_ += waiting_.back().size();
  }
  return true;
}

void LineStream::write_later(const std::stop_token& stop) {
  Lock lock(mutex_);
  auto last = std::chrono::steady_clock::time_point::max();
  while (true) {
    arrived_.wait(lock, stop, [this]() REQUIRES(mutex_) { return !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto now = std::chrono::steady_clock::now();
    if (stop.stop_requested()) last = std::min(last, now + kLastLines);
    if (now >= last) return;
    const int asked = own_ >= 0 ? own_ : descriptor_;
    lock.unlock();
    has_room(asked, kLookMs);
    lock.lock();
    while (!waiting_.empty() && write_first()) {
    }
  }
}

}  // namespace rankloop::telemetry
