// The limit of open files, and what it leaves for connections.
#include "server/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace rankloop::server {
namespace {

TEST(OpenFiles, AreRaisedToTheHardLimit) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{before.rlim_cur / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_open_files(), before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(OpenFiles, LeaveRoomForWhatElseIsOpen) {
  EXPECT_EQ(connections_within(1'000'000), 999'744U);
  EXPECT_EQ(connections_within(1'024), 768U);
  EXPECT_EQ(connections_within(64), 32U);
}

}  // namespace
}  // namespace rankloop::server
