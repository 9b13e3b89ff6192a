// A PostgreSQL server of a test program's own: in a private folder, reached through a socket in it, run as an
// ordinary user, started at the first use and stopped when the program ends.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace rankloop {

class PostgresServer {
 public:
  static PostgresServer& instance();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string url(const std::string& database) const;
  // Runs SQL text on a database; ends the test program when it does not work.
  void execute(const std::string& database, const std::string& sql) const;
  // A new database, empty or a copy of another one; answers its name.
  std::string create_database(const std::string& copy_of = "template0");
  void drop_database(const std::string& name) const;

 private:
  PostgresServer();
  ~PostgresServer();

  std::filesystem::path folder_;
  pid_t server_ = 0;
  int databases_ = 0;
};

}  // namespace rankloop
