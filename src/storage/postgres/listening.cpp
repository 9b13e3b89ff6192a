// The thread that listens, and its connection.
#include "storage/postgres/listening.h"

#include <array>
#include <chrono>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "telemetry/thread_name.h"

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""ms;
using Time = std::chrono::steady_clock;

constexpr auto kBetweenLooks = 1'000ms;
constexpr auto kBetweenAttempts = 250ms;

}  // namespace

Listening::Listening(Connector& connector, std::unique_ptr<Connection> first, Callbacks callbacks)
    : connector_(connector), callbacks_(std::move(callbacks)), stop_(eventfd(0, EFD_CLOEXEC)) {
  try {
    first->run("listen");
  } catch (const DatabaseError&) {
    ::close(stop_);
    throw;
  }
  thread_ = std::thread([this, first = std::move(first)]() mutable { run(std::move(first)); });
}

Listening::~Listening() {
  const std::uint64_t one = 1;
  // A counter of 64 bits takes a one without waiting.
  if (write(stop_, &one, sizeof one) == sizeof one) thread_.join();
  ::close(stop_);
}

bool Listening::wait(int socket, std::chrono::milliseconds at_most) const {
  std::array<pollfd, 2> ready = {pollfd{stop_, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
  poll(ready.data(), ready.size(), static_cast<int>(at_most.count()));
  return (ready[0].revents & POLLIN) == 0;
}

void Listening::run(std::unique_ptr<Connection> first) {
  telemetry::name_this_thread("listener");
  bool again = false;
  for (Result<std::unique_ptr<Connection>> connection = std::move(first);;
       connection = connector_.connect()) {
    try {
      if (connection) return listen(**connection, std::exchange(again, true));
    } catch (const std::exception&) {
      // Lost; whoever writes or reads hears of it in words.
    }
    connection = Error{};
    connector_.look_for_life();
    if (!wait(-1, kBetweenAttempts)) return;
  }
}

// Until it is time to stop.
void Listening::listen(Connection& connection, bool again) {
  connection.answer_within(connector_.deadline() - Connector::kLongestLook - kBetweenLooks);
  connection.run("listen");
  callbacks_.connected(again);
  Time::time_point next_look = Time::now();
  for (;;) {
    if (Time::now() >= next_look) {
      callbacks_.look(connection);
      next_look = Time::now() + kBetweenLooks;
    }
    for (const std::string& payload : connection.notifications()) callbacks_.heard(payload);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_look - Time::now());
    if (!wait(connection.socket(), std::max(left, 0ms))) return;
  }
}

}  // namespace rankloop::storage::postgres
