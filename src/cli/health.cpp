// The command health: one request and its answer.
#include "cli/health.h"

#include <chrono>
#include <iostream>
#include <memory>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/registry.h"
#include "cli/serve.h"
#include "client/http_client.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::seconds kDeadline{10};

struct HealthOptions {
  RegistryPlace place;
  bool json = false;
};

int run_health(const HealthOptions& options) {
  const auto settings = read_settings(options.place.config_file, options.place.settings);
  if (!settings) return complain(settings.error());
  const std::string url = server_to_ask(options.place, *settings);
  auto server = client::HttpClient::of(url);
  if (!server) return complain(server.error());
  const auto answer = server->ask({.path = "/health/ready"}, kDeadline);
  const bool ready = answer && answer->status == 200;
  const std::string reason = answer ? answer->body : answer.error().message;
  if (options.json) {
    std::cout << boost::json::serialize(boost::json::value{{"ready", ready},
                                                           {"url", url},
                                                           {"status", answer ? answer->status : 0},
                                                           {"answer", reason}})
              << '\n';
  } else if (ready) {
    std::cout << url << " is ready\n";
  } else {
    std::cerr << "rankloop: " << url << " is not ready: " << reason << '\n';
  }
  return ready ? 0 : kFailed;
}

}  // namespace

void add_health(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* command = app.add_subcommand("health", "Ask a server whether it is ready; the exit status tells");
  add_server_options(*command, options->place);
  command->add_flag("--json", options->json, "A JSON object instead of a sentence");
  command->footer(
      "Examples:\n"
      "  rankloop health\n"
      "  rankloop health --url http://127.0.0.1:4789 --json\n"
      "\n"
      "Exit status: 0 when it is ready, 1 when it is not or does not answer, 2 for wrong input.");
  command->callback([options, &result] { result.exit_code = run_health(*options); });
}

}  // namespace rankloop::cli
