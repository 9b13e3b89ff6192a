// A PostgreSQL server of a program's own, for tests and benchmarks: in a private folder, reached through a
// socket in it, run as an ordinary user, stopped when the program ends. Ends the program when it cannot do
// what it is asked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rankloop {

class PostgresServer {
 public:
  // In a new folder below `parent`. Without `durable` it never waits for the disk.
  explicit PostgresServer(const std::filesystem::path& parent, bool durable);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Shared by all tests of a program; started at the first use.
  static PostgresServer& instance();

  std::string url(const std::string& database) const;
  // The database that an address of url() names.
  static std::string database_of(const std::string& url);
  // Runs SQL text on a database; answers the first column of the rows that came back.
  std::vector<std::string> execute(const std::string& database, const std::string& sql) const;
  // A new database, empty or a copy of another one; answers its name.
  std::string create_database(const std::string& copy_of = "template0");
  void drop_database(const std::string& name) const;
  // Ends all sessions at once, as an administrator's restart does.
  void restart();
  // User and system time of all its processes that live.
  double cpu_seconds() const;

 private:
  void start();
  void stop();

  std::filesystem::path folder_;
  const bool durable_;
  pid_t server_ = 0;
  int databases_ = 0;
};

}  // namespace rankloop
