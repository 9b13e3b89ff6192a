// Names of threads.
#include "telemetry/thread_name.h"

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace rankloop::telemetry {
namespace {

std::string name_after(std::string_view name) {
  std::array<char, 16> told{};
  std::thread{[&] {
    name_this_thread(name);
    ::pthread_getname_np(::pthread_self(), told.data(), told.size());
  }}.join();
  return told.data();
}

TEST(ThreadName, IsWhatTheSystemTells) {
  EXPECT_EQ(name_after("worker 0"), "worker 0");
}

TEST(ThreadName, KeepsTheBeginningOfALongOne) {
  EXPECT_EQ(name_after("maintainer of the store"), "maintainer of t");
}

}  // namespace
}  // namespace rankloop::telemetry
