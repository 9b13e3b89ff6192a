// Which file the domain comes from, and how it is replaced.
#include "server/domain_source.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace rankloop::server {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DomainSource : public ::testing::Test {
 protected:
  DomainSource() { settings_.data_dir = folder_.path().string(); }

  static std::string named(const std::string& name) {
    return "domain.name = '" + name +
           "'\nrequest.noun = 'user'\nitem.noun = 'thing'\nmodel.features = ['x']\n" +
           "[[item.field]]\nname = 'x'\ntype = 'float'\n";
  }
  std::string own() const { return domain_of_data_directory(settings_.data_dir); }

  const testing::TemporaryFolder folder_;
  config::Settings settings_;
};

TEST_F(DomainSource, IsTheBuiltInDomainWhereThereIsNoFile) {
  EXPECT_EQ(domain_file(settings_), "");
  EXPECT_EQ((*load_domain(settings_))->name, "locations");
  EXPECT_EQ(DomainFile::of(settings_).path(), own());
}

TEST_F(DomainSource, IsTheFileOfTheDataDirectoryWhereNoneIsConfigured) {
  folder_.file("domain.toml", named("own"));
  EXPECT_EQ((*load_domain(settings_))->name, "own");
  settings_.domain = folder_.file("other.toml", named("other"));
  EXPECT_EQ((*load_domain(settings_))->name, "other");
  EXPECT_EQ(DomainFile::of(settings_).path(), settings_.domain);
}

TEST_F(DomainSource, IsNoFileOfTheDataDirectoryForASharedStore) {
  folder_.file("domain.toml", named("own"));
  settings_.store = "postgresql://host/database";
  EXPECT_EQ((*load_domain(settings_))->name, "locations");
}

TEST_F(DomainSource, SaysWhereAFileIsWrong) {
  folder_.file("domain.toml", "no = [");
  const auto refused = load_domain(settings_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("domain.toml:1: "));
}

TEST_F(DomainSource, WritesReplacesAndRemovesTheFile) {
  const DomainFile file = DomainFile::of(settings_);
  EXPECT_FALSE(file.text()->has_value());
  ASSERT_TRUE(file.write("one"));
  ASSERT_TRUE(file.write("two"));
  EXPECT_EQ(**file.text(), "two");
  EXPECT_FALSE(fs::exists(own() + ".draft"));
  ASSERT_TRUE(file.remove());
  EXPECT_FALSE(fs::exists(own()));
}

TEST_F(DomainSource, ChangesWhatALinkLeadsToAndKeepsItsPermissions) {
  settings_.domain = (folder_.path() / "link.toml").string();
  const std::string target = folder_.file("target.toml", "one");
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_symlink(target, settings_.domain);
  ASSERT_TRUE(DomainFile::of(settings_).write("two"));
  EXPECT_TRUE(fs::is_symlink(settings_.domain));
  EXPECT_EQ(fs::status(target).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  std::ifstream in{target};
  std::string text;
  in >> text;
  EXPECT_EQ(text, "two");
}

TEST_F(DomainSource, NamesTheFileThatItMayNotWrite) {
  settings_.domain = (folder_.path() / "missing" / "domain.toml").string();
  const Status refused = DomainFile::of(settings_).write("one");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr(settings_.domain));
}

}  // namespace
}  // namespace rankloop::server
