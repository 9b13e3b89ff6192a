// The commands serve and worker.
#include "cli/serve.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>

#include <unistd.h>

#include "cli/interruption.h"
#include "cli/progress.h"
#include "ml/families/families.h"
#include "server/application.h"
#include "server/options.h"
#include "server/service_manager.h"
#include "server/version.h"
#include "server/worker_process.h"

namespace rankloop::cli {
namespace {

struct ServeOptions {
  std::string config_file;
  std::map<std::string, std::string> settings;
  bool empty = false;
  bool insecure = false;
  bool demo = false;
  bool quiet = false;
};

// Draws one bar for each phase of the preparation.
class Preparation {
 public:
  explicit Preparation(bool quiet) : style_(progress_style(quiet)) {}
  void hear(std::string_view what, double share, std::string_view note) {
    if (what != what_) {
      bar_.reset();
      what_ = what;
      bar_ = std::make_unique<Progress>(std::cerr, style_, what_, "", clock_);
    }
    bar_->update(share, 1, note);
  }
  void end() { bar_.reset(); }

 private:
  const ProgressStyle style_;
  const SystemClock clock_;
  std::string what_;
  std::unique_ptr<Progress> bar_;
};

// Why a process that serves could not: in its log where machines read that, else for people.
int give_up(const config::Settings& settings, const Error& error) {
  if (server::log_format(settings) != telemetry::LogFormat::kJson) return complain(error);
  telemetry::Logger{telemetry::LogLevel::kError, telemetry::LogFormat::kJson}.error("cannot run", error);
  return exit_code_of(error);
}

// What a process that runs until it is told to stop needs of the system.
void prepare_process() {
  // A closed pipe and a file that may not grow are answered where they are met, not by the end of the
  // process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // What nobody asks this program with must not end it in the middle of its work.
  for (const int signal : {SIGUSR1, SIGUSR2, SIGALRM}) std::signal(signal, SIG_IGN);
}

int serve(ServeOptions options) {
  if (options.empty) options.settings["empty"] = "true";
  if (options.insecure) options.settings["insecure"] = "true";
  if (options.demo) options.settings["demo"] = "true";
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const Interruption interruption;
  return serve_until(interruption, *settings, options.quiet, options.quiet ? Greeting{} : Greeting{greet});
}

int work(ServeOptions options) {
  if (options.insecure) options.settings["insecure"] = "true";
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  prepare_process();
  const Interruption interruption;
  auto process = server::WorkerProcess::build(*settings);
  if (!process) return give_up(*settings, process.error());
  if (!options.quiet) {
    const server::Workspace& workspace = (*process)->workspace();
    std::printf("rankloop %s runs tasks after %.1f s: %s, ranked by %s\n", server::version().c_str(),
                (*process)->process().seconds(), workspace.items_in_words().c_str(),
                workspace.model_in_words().c_str());
    if (const std::string url = (*process)->url(); !url.empty())
      std::printf("  metrics   %s/metrics\n", url.c_str());
    std::fflush(stdout);
  }
  const std::stop_callback leaving{interruption.token(), [] { server::tell_service_manager("STOPPING=1"); }};
  server::tell_service_manager("READY=1");
  (*process)->run(interruption.token());
  return 0;
}

void add_setting(CLI::App& command, ServeOptions& options, const std::string& flag, const std::string& key) {
  for (const config::Option& option : config::options()) {
    if (option.key != key) continue;
    CLI::Option* added = command.add_option_function<std::string>(
        flag, [&options, key](const std::string& text) { options.settings[key] = text; },
        std::string{option.help} + " [" + config::environment_name(option) + ", default " +
            (option.preset.empty() ? "none" : std::string{option.preset}) + "]");
    if (key == "data_dir") added->type_name("DIR");
    if (key == "domain") added->type_name("FILE");
  }
}

}  // namespace

void greet(const server::ReadyInfo& info) {
  std::printf(
      "rankloop %s is ready after %.1f s: %s, ranked by %s\n"
      "  page      %s/\n"
      "  API docs  %s/docs\n"
      "  guests    %s\n",
      server::version().c_str(), info.seconds, info.items.c_str(), info.model.c_str(), info.url.c_str(),
      info.url.c_str(), info.guests.c_str());
  std::fflush(stdout);
}

int serve_until(const Interruption& interruption, const config::Settings& settings, bool quiet,
                const Greeting& greeting) {
  prepare_process();
  Preparation preparation{quiet || server::log_format(settings) == telemetry::LogFormat::kJson};
  auto application = server::Application::build(
      settings,
      [&](std::string_view what, double share, std::string_view note) {
        preparation.hear(what, share, note);
      },
      interruption.token());
  preparation.end();
  if (!application && application.error().code == ErrorCode::kAborted &&
      interruption.token().stop_requested()) {
    return 0;
  }
  if (!application) return give_up(settings, application.error());
  const std::stop_callback stop{interruption.token(), [&] { (*application)->stop(); }};
  if (greeting) greeting((*application)->ready_info());
  const std::stop_callback leaving{interruption.token(), [] { server::tell_service_manager("STOPPING=1"); }};
  server::tell_service_manager("READY=1");
  const Status ran = (*application)->run();
  return ran ? 0 : give_up(settings, ran.error());
}

config::Families family_names() {
  config::Families names;
  for (const ml::Family& family : ml::families()) names.push_back(family.name);
  return names;
}

Result<config::Settings> read_settings(const std::string& config_file,
                                       const std::map<std::string, std::string>& options) {
  config::Sources sources;
  sources.file = config_file;
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text{*variable};
    if (text.starts_with("RANKLOOP_")) sources.variables.emplace_back(text.substr(0, text.find('=')));
  }
  sources.command_line = options;
  sources.families = family_names();
  return config::load_settings(sources);
}

void add_serve(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Serve: HTTP, and workers inside");
  command->add_option("--config", options->config_file, "Settings file (see: rankloop config)")
      ->type_name("FILE");
  add_setting(*command, *options, "--data-dir", "data_dir");
  add_setting(*command, *options, "--domain", "domain");
  add_setting(*command, *options, "--listen", "listen");
  add_setting(*command, *options, "--workers", "workers");
  add_setting(*command, *options, "--store", "store");
  add_setting(*command, *options, "--queue", "queue");
  command->add_flag("--empty", options->empty,
                    "Do not fill a new store of the built-in domain [RANKLOOP_EMPTY]");
  command->add_flag("--insecure", options->insecure,
                    "Allow a public address without a token [RANKLOOP_INSECURE]");
  command->add_flag("--demo", options->demo,
                    "Let the page send simulated guests to this server [RANKLOOP_DEMO]");
  command->add_flag("--quiet", options->quiet, "No progress and no greeting");
  command->footer(
      "Examples:\n"
      "  rankloop serve\n"
      "  rankloop serve --data-dir /var/lib/rankloop --listen 127.0.0.1:8080\n"
      "  rankloop serve --domain domain/flights.toml --data-dir data/itineraries\n"
      "  RANKLOOP_AUTH_TOKEN=$(openssl rand -hex 16) rankloop serve --listen 0.0.0.0:4789");
  command->callback([options, &result] { result.exit_code = serve(*options); });
}

void add_worker(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("worker", "Run tasks of a store that several processes share");
  command->add_option("--config", options->config_file, "Settings file (see: rankloop config)")
      ->type_name("FILE");
  add_setting(*command, *options, "--domain", "domain");
  add_setting(*command, *options, "--listen", "worker_listen");
  add_setting(*command, *options, "--workers", "workers");
  add_setting(*command, *options, "--store", "store");
  add_setting(*command, *options, "--queue", "queue");
  command->add_flag("--insecure", options->insecure,
                    "Allow a public address without a token [RANKLOOP_INSECURE]");
  command->add_flag("--quiet", options->quiet, "No greeting");
  command->footer(
      "Examples:\n"
      "  rankloop serve --workers 0 --store postgresql://rankloop@db/rankloop\n"
      "  rankloop worker --workers 2 --store postgresql://rankloop@db/rankloop --listen 127.0.0.1:4790\n\n"
      "Any number of workers and of 'rankloop serve --workers 0' may run on one PostgreSQL database.\n"
      "The embedded store (SQLite) belongs to one process, whose workers run inside 'rankloop serve'\n"
      "(--workers N).");
  command->callback([options, &result] { result.exit_code = work(*options); });
}

}  // namespace rankloop::cli
