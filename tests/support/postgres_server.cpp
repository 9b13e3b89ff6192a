// Starts a PostgreSQL in a folder of its own, and ends it.
#include "support/postgres_server.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rankloop {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "The program's own PostgreSQL server: %s\n", why.c_str());
  std::abort();
}

// Debian keeps the server's programs out of the PATH.
std::filesystem::path programs() {
  const std::filesystem::path all = "/usr/lib/postgresql";
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(all)) {
    if (std::filesystem::exists(entry.path() / "bin/initdb") && entry.path() > newest) newest = entry.path();
  }
  if (newest.empty()) give_up("no version of it is installed below " + all.string());
  return newest / "bin";
}

// The server refuses to run as root.
const passwd* ordinary_user() {
  if (geteuid() != 0) return nullptr;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* user = getpwnam(name)) return user;
  }
  give_up("there is no ordinary user to run it as");
}

pid_t spawn(const std::vector<std::string>& command, const passwd* user, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGINT);  // a crashed test program leaves no server behind
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

bool answers(const std::string& url) {
  return PQping(url.c_str()) == PQPING_OK;
}

// What /proc says of a process: its parent, and its time in clock ticks.
std::optional<std::pair<pid_t, double>> parent_and_ticks(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string word;
  std::vector<std::string> words;
  while (fields >> word) words.push_back(word);
  return std::pair(static_cast<pid_t>(std::stol(words.at(1))),
                   std::stod(words.at(11)) + std::stod(words.at(12)));
}

}  // namespace

PostgresServer& PostgresServer::instance() {
  static PostgresServer server(std::filesystem::temp_directory_path(), false);
  return server;
}

PostgresServer::PostgresServer(const std::filesystem::path& parent, bool durable) : durable_(durable) {
  std::string pattern = (std::filesystem::absolute(parent) / "rankloop-pg-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) give_up("no folder can be made in " + parent.string());
  folder_ = pattern;
  const passwd* user = ordinary_user();
  if (user != nullptr && chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) give_up("chown failed");
  const std::filesystem::path log = folder_ / "log";
  const pid_t made =
      spawn({(programs() / "initdb").string(), "-D", (folder_ / "data").string(), "-U", "rankloop", "-A",
             "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"},
            user, log);
  int status = 0;
  if (waitpid(made, &status, 0) != made || status != 0) give_up("initdb failed; see " + log.string());
  start();
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::start() {
  const std::filesystem::path log = folder_ / "log";
  server_ = spawn({(programs() / "postgres").string(), "-D", (folder_ / "data").string(), "-k",
                   folder_.string(), "-c", "listen_addresses=", "-c", "shared_buffers=128MB", "-c",
                   "max_connections=120", "-c", durable_ ? "fsync=on" : "fsync=off"},
                  ordinary_user(), log);
  for (const auto until = std::chrono::steady_clock::now() + 60s; !answers(url("postgres"));) {
    if (std::chrono::steady_clock::now() > until) give_up("it did not start; see " + log.string());
    std::this_thread::sleep_for(20ms);
  }
}

void PostgresServer::stop() {
  kill(server_, SIGINT);  // ends the sessions
  waitpid(server_, nullptr, 0);
}

void PostgresServer::restart() {
  stop();
  start();
}

double PostgresServer::cpu_seconds() const {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto found = parent_and_ticks(entry.path());
    if (found && (found->first == server_ || name == std::to_string(server_))) ticks += found->second;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://rankloop@/" + database + "?host=" + folder_.string();
}

std::string PostgresServer::database_of(const std::string& url) {
  const std::size_t begin = url.rfind("@/") + 2;
  return url.substr(begin, url.find('?') - begin);
}

std::vector<std::string> PostgresServer::execute(const std::string& database, const std::string& sql) const {
  PGconn* connection = PQconnectdb(url(database).c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    give_up(std::string(PQerrorMessage(connection)) + " in: " + sql);
  }
  std::vector<std::string> column;
  for (int row = 0; row < PQntuples(result); ++row) column.emplace_back(PQgetvalue(result, row, 0));
  PQclear(result);
  PQfinish(connection);
  return column;
}

std::string PostgresServer::create_database(const std::string& copy_of) {
  const std::string name = "test" + std::to_string(++databases_);
  execute("postgres", "CREATE DATABASE " + name + " TEMPLATE " + copy_of);
  return name;
}

void PostgresServer::drop_database(const std::string& name) const {
  execute("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

}  // namespace rankloop
