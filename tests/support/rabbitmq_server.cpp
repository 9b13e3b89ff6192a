// Starts a RabbitMQ in a folder of its own, and ends it.
#include "support/rabbitmq_server.h"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rankloop::testing {
namespace {

constexpr std::chrono::seconds kStartLimit{120};
const std::string kTools = "/usr/lib/rabbitmq/bin/";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool found = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!found) throw std::system_error(errno, std::generic_category(), "a free port");
  return ntohs(address.sin_port);
}

int waited(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// The server's script has children of its own, all in one group.
void end_group(pid_t& pid, int signal) {
  if (pid <= 0) return;
  ::kill(-pid, signal);
  waited(pid);
  pid = -1;
}

}  // namespace

RabbitMqServer& RabbitMqServer::shared() {
  static RabbitMqServer server;
  return server;
}

RabbitMqServer::RabbitMqServer()
    : port_(free_port()), distribution_port_(free_port()), epmd_port_(free_port()) {
  folder_.file("plugins", "[].\n");
  folder_.file("rabbit.conf", "log.console = false\n");
  epmd_ = spawn({"/usr/bin/epmd", "-port", std::to_string(epmd_port_), "-address", "127.0.0.1"}, "epmd.log");
  start();
}

RabbitMqServer::~RabbitMqServer() {
  kill();
  end_group(epmd_, SIGTERM);
}

std::string RabbitMqServer::url() const {
  return "amqp://guest:guest@127.0.0.1:" + std::to_string(port_);
}

void RabbitMqServer::start() {
  server_ = spawn({kTools + "rabbitmq-server"}, "server.log");
  const auto end = std::chrono::steady_clock::now() + kStartLimit;
  while (!answers()) {
    if (::waitpid(server_, nullptr, WNOHANG) == server_ || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("rabbitmq-server does not start: " + log_end());
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
}

void RabbitMqServer::kill() {
  end_group(server_, SIGKILL);
}

void RabbitMqServer::close_connections() {
  const pid_t tool = spawn({kTools + "rabbitmqctl", "close_all_connections", "closed by a test"}, "tool.log");
  if (waited(tool) != 0) throw std::runtime_error("rabbitmqctl close_all_connections failed");
}

pid_t RabbitMqServer::spawn(const std::vector<std::string>& command, const std::string& log) const {
  const std::vector<std::string> variables = environment();
  std::vector<char*> words;
  std::vector<char*> settings;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& variable : variables) settings.push_back(const_cast<char*>(variable.c_str()));
  words.push_back(nullptr);
  settings.push_back(nullptr);
  const std::string log_path = (folder_.path() / log).string();
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0644);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int fault = posix_spawn(&pid, words[0], &files, &attributes, words.data(), settings.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (fault != 0) throw std::system_error(fault, std::generic_category(), command.front());
  return pid;
}

std::vector<std::string> RabbitMqServer::environment() const {
  const std::string folder = folder_.path().string();
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG=C.UTF-8",
          "HOME=" + folder,
          "RABBITMQ_NODENAME=test" + std::to_string(port_) + "@localhost",
          "RABBITMQ_MNESIA_BASE=" + folder + "/mnesia",
          "RABBITMQ_LOG_BASE=" + folder + "/log",
          "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
          "RABBITMQ_NODE_PORT=" + std::to_string(port_),
          "RABBITMQ_DIST_PORT=" + std::to_string(distribution_port_),
          "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder + "/plugins",
          "RABBITMQ_CONFIG_FILE=" + folder + "/rabbit",
          "RABBITMQ_CONF_ENV_FILE=" + folder + "/none",
          "RABBITMQ_PID_FILE=" + folder + "/server.pid",
          "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
          "ERL_EPMD_PORT=" + std::to_string(epmd_port_),
          "ERL_EPMD_ADDRESS=127.0.0.1"};
}

bool RabbitMqServer::answers() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port_);
  const bool answered = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return answered;
}

std::string RabbitMqServer::log_end() const {
  constexpr std::size_t kShown = 2'000;
  std::ostringstream log;
  log << std::ifstream(folder_.path() / "server.log").rdbuf();
  const std::string text = log.str();
  return text.size() > kShown ? text.substr(text.size() - kShown) : text;
}

}  // namespace rankloop::testing
