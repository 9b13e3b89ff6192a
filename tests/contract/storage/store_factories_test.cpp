// The stores that the contract holds for.
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "contract/storage/store_contract.h"
#include "support/postgres_server.h"

namespace rankloop::storage {
namespace {

class SqlitePlace final : public StorePlace {
 public:
  SqlitePlace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rankloop-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SqlitePlace() override { std::filesystem::remove_all(folder_); }
  std::string url() const override { return "sqlite:" + (folder_ / "rankloop.db").string(); }

 private:
  std::filesystem::path folder_;
};

// A database of its own, whose clock stands still until it is set.
class PostgresPlace final : public StorePlace {
 public:
  PostgresPlace() : name_(server().create_database(with_a_still_clock())) {}
  ~PostgresPlace() override { server().drop_database(name_); }
  std::string url() const override { return server().url(name_); }
  void set_time(WallTime now) override {
    server().execute(name_, "UPDATE test.clock SET now = " + std::to_string(now.time_since_epoch().count()));
  }

 private:
  static PostgresServer& server() { return PostgresServer::instance(); }

  // Made once, migrated, and copied for each test.
  static const std::string& with_a_still_clock() {
    static const std::string kName = [] {
      const std::string name = server().create_database();
      const FakeClock clock;
      RecordingListener listener;
      const auto opened = open_store(server().url(name), {}, clock, listener);
      EXPECT_TRUE(opened) << opened.error().message << " " << opened.error().detail;
      server().execute(
          name, "CREATE SCHEMA test; CREATE TABLE test.clock (now bigint); INSERT INTO test.clock VALUES (" +
                    std::to_string(clock.wall().time_since_epoch().count()) +
                    "); CREATE OR REPLACE FUNCTION store_now() RETURNS bigint LANGUAGE sql VOLATILE AS "
                    "'SELECT now FROM test.clock'");
      return name;
    }();
    return kName;
  }

  std::string name_;
};

template <class Place>
std::unique_ptr<StorePlace> make() {
  return std::make_unique<Place>();
}

}  // namespace

std::vector<StoreFactory> store_factories() {
  return {{"Sqlite", &make<SqlitePlace>}, {"Postgres", &make<PostgresPlace>}};
}

StoreFactory store_factory(const std::string& name) {
  for (const StoreFactory& factory : store_factories()) {
    if (factory.name == name) return factory;
  }
  throw std::logic_error("there is no store factory " + name);
}

}  // namespace rankloop::storage
