// What stands at the beginning of a start: the address, the lock of the data directory, the domain of the
// store.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "server/address.h"
#include "server/data_directory.h"
#include "server/domain_source.h"
#include "server/first_start.h"
#include "unit/app/use_cases.h"

namespace rankloop::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(DomainFileOfSettings, IsTheDataDirectorysOwnUnlessOneIsConfigured) {
  const rankloop::testing::TemporaryFolder folder;
  config::Settings settings;
  settings.data_dir = folder.path().string();
  EXPECT_EQ(domain_file(settings), "");
  EXPECT_TRUE((*load_domain(settings))->built_in);
  const std::string own = folder.file("domain.toml", "[domain]");
  EXPECT_EQ(domain_file(settings), own);
  settings.store = "postgresql://db/rankloop";
  EXPECT_EQ(domain_file(settings), "");
  settings.domain = "mine.toml";
  EXPECT_EQ(domain_file(settings), "mine.toml");
}

TEST(Address, IsAnIpAddressAndAPort) {
  const auto address = parse_address("127.0.0.1:4789");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 4789);
  EXPECT_EQ(address->url_host(), "127.0.0.1");
  EXPECT_EQ(parse_address("0.0.0.0:0")->port, 0);
  EXPECT_EQ(parse_address("localhost:80")->host, "127.0.0.1");
}

TEST(Address, MayBeOfVersionSix) {
  const auto address = parse_address("[::1]:65535");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 65535);
  EXPECT_EQ(address->url_host(), "[::1]");
}

TEST(Address, KnowsWhoCanReachIt) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(parse_address(text)->loopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "192.168.0.7:1", "[::]:1", "[fe80::1]:1", "[::ffff:10.0.0.1]:1"}) {
    EXPECT_FALSE(parse_address(text)->loopback()) << text;
  }
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8o",
        "127.0.0.1: 80", "127.0.1:80", "example.org:80", "[::1:80", "::1]:80", "[]:80", "[::1]"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(address.error().message,
                AllOf(HasSubstr("'" + std::string{text} + "'"), HasSubstr("127.0.0.1:4789")));
  }
}

TEST(Address, AsksForBracketsAroundVersionSix) {
  for (const char* text : {"::1:4789", "::1", "2001:db8::7:80", ":::80"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(address.error().message, AllOf(HasSubstr("'" + std::string{text} + "'"),
                                               HasSubstr("without brackets"), HasSubstr("[::1]:4789")));
  }
  EXPECT_FALSE(parse_address("[127.0.0.1]:80"));
  EXPECT_FALSE(parse_address("[localhost]:80"));
}

class DataDirectoryTest : public ::testing::Test {
 protected:
  const rankloop::testing::TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "made" / "below").string();
};

TEST_F(DataDirectoryTest, IsMadeWhenItIsMissing) {
  const auto directory = DataDirectory::open(path_);
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ((*directory)->store_url(), "sqlite:" + path_ + "/rankloop.db");
  EXPECT_TRUE(std::filesystem::exists(path_ + "/rankloop.lock"));
}

TEST_F(DataDirectoryTest, RefusesASecondOneAndSaysWhy) {
  auto first = DataDirectory::open(path_);
  ASSERT_TRUE(first);
  (*first)->announce("http://127.0.0.1:4789");
  const auto second = DataDirectory::open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr("process " + std::to_string(getpid()) + ", http://127.0.0.1:4789"),
                    HasSubstr(path_), HasSubstr("data_dir"), HasSubstr("postgresql://")));
  *first = nullptr;
  EXPECT_TRUE(DataDirectory::open(path_));
}

TEST_F(DataDirectoryTest, TellsWhereItsServerAnswers) {
  EXPECT_EQ(address_of_running_server(path_).error().code, ErrorCode::kNotFound);
  {
    const auto directory = DataDirectory::open(path_);
    ASSERT_TRUE(directory);
    EXPECT_EQ(address_of_running_server(path_).error().code, ErrorCode::kNotFound);  // not yet
    (*directory)->announce("http://127.0.0.1:65535");
    EXPECT_EQ(*address_of_running_server(path_), "http://127.0.0.1:65535");
    (*directory)->announce("http://[::1]:1");
    EXPECT_EQ(*address_of_running_server(path_), "http://[::1]:1");
  }
  EXPECT_EQ(address_of_running_server(path_).error().code, ErrorCode::kNotFound);
}

// What a process that died has left names nobody.
TEST_F(DataDirectoryTest, TakesNoWordOfADeadProcess) {
  folder_.file("rankloop.lock", "process 1, http://127.0.0.1:4789\n");
  EXPECT_EQ(address_of_running_server(folder_.path().string()).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(DataDirectory::open(folder_.path().string()));
}

TEST_F(DataDirectoryTest, SaysWhenItCannotBeMade) {
  const auto directory = DataDirectory::open(folder_.file("in_the_way", "") + "/data");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(directory.error().message, HasSubstr("in_the_way/data"));
}

class AdoptDomain : public app::UseCaseFixture {
 protected:
  static std::shared_ptr<const Domain> domain(const std::string& more) {
    const DomainCheck check = read_domain(app::film_domain()->source + more, "films.toml");
    EXPECT_TRUE(check.domain) << check.faults.front().message;
    return check.domain;
  }
};

TEST_F(AdoptDomain, TakesTheFirstOneAndKnowsItAgain) {
  EXPECT_EQ(*adopt_domain(*domain_, *store_, clock_), 1);
  EXPECT_EQ(*adopt_domain(*domain_, *store_, clock_), 1);
  EXPECT_EQ(store_->domain()->name, "films");
  EXPECT_EQ(store_->domain()->source, domain_->source);
  restart();
  EXPECT_EQ(*adopt_domain(*domain_, *store_, clock_), 1);
}

TEST_F(AdoptDomain, TakesAnAddedFieldWithADefault) {
  ASSERT_TRUE(adopt_domain(*domain_, *store_, clock_));
  const auto more = domain("[[item.field]]\nname = 'colour'\ntype = 'string'\ndefault = 'grey'\n");
  EXPECT_EQ(*adopt_domain(*more, *store_, clock_), 2);
  EXPECT_EQ(*adopt_domain(*more, *store_, clock_), 2);
}

TEST_F(AdoptDomain, RefusesAChangeThatStoredDataWouldNotStand) {
  ASSERT_TRUE(adopt_domain(*domain_, *store_, clock_));
  ASSERT_TRUE(write_items({1, {{{1}, "{}"}}}));
  const auto more = domain("[[item.field]]\nname = 'colour'\ntype = 'string'\n");
  const auto refused = adopt_domain(*more, *store_, clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("colour"));
  EXPECT_EQ(store_->domain()->version, 1);
  EXPECT_FALSE(adopt_domain(*default_domain(), *store_, clock_));
}

TEST_F(AdoptDomain, TakesAnyDomainWhileTheStoreHoldsNothing) {
  ASSERT_TRUE(adopt_domain(*domain_, *store_, clock_));
  EXPECT_TRUE(*is_unused(*store_));
  EXPECT_EQ(*adopt_domain(*default_domain(), *store_, clock_), 2);
  ASSERT_TRUE(write_items({1, {{{1}, "{}"}}}));
  EXPECT_FALSE(*is_unused(*store_));
}

TEST_F(AdoptDomain, PutsTheDomainOfBeforeBackWhereNothingWasKeptByTheNextOne) {
  ASSERT_TRUE(write_items({1, {{{1}, "{}"}}}));
  ASSERT_TRUE(adopt_domain(*domain_, *store_, clock_));
  const auto more = domain("[[item.field]]\nname = 'colour'\ntype = 'string'\ndefault = 'grey'\n");
  ASSERT_EQ(*adopt_domain(*more, *store_, clock_), 2);
  EXPECT_FALSE(adopt_domain(*domain_, *store_, clock_));
  EXPECT_EQ(*adopt_domain(*domain_, *store_, clock_, DomainAdoption::kPutBack), 3);
  EXPECT_EQ(store_->domain()->source, domain_->source);
}

TEST_F(AdoptDomain, SaysWhenTheStoredOneCannotBeRead) {
  ASSERT_TRUE(app::written<int>(
      [&](auto done) { store_->adopt_domain("films", "f", "no = [", clock_.wall(), std::move(done)); }));
  const auto refused = adopt_domain(*domain_, *store_, clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace rankloop::server
