// The commands below doctor.
#include "cli/doctor.h"

#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/watch/history_check.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "domain/clock.h"
#include "server/offline.h"

namespace rankloop::cli {
namespace {

struct DoctorCommand {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::int64_t newest = 0;
  bool quiet = false;
  bool json = false;
};

void print_json(const app::HistoryCheck& check) {
  boost::json::object json;
  json["checked"] = check.checked;
  json["without_a_hash"] = check.without;
  json["differ"] = check.differ;
  json["position"] = check.position;
  boost::json::array& differing = json["differing"].emplace_array();
  for (const TaskId& task : check.differing) differing.emplace_back(task.to_string());
  std::cout << boost::json::serialize(json) << '\n';
}

void print(const app::HistoryCheck& check) {
  std::cout << fmt::format("{} rankings checked up to position {} of the ledger; {} kept no hash\n",
                           check.checked, check.position, check.without);
  if (check.differ == 0) {
    std::cout << "what histories said of each comes out the same, bit by bit\n";
    return;
  }
  std::cout << fmt::format("{} differ from what was served; the first of them:\n", check.differ);
  for (const TaskId& task : check.differing) std::cout << "  " << task.to_string() << '\n';
}

int run(const DoctorCommand& command) {
  auto settings = read_settings(command.config_file, command.settings);
  if (!settings) return complain(settings.error());
  if (const Status there = server::check_store_is_there(*settings); !there) return complain(there.error());
  settings->empty = true;  // it is looked at: no places, no baseline
  const Interruption interruption;
  const SystemClock clock;
  const auto offline = server::open_offline(*settings);
  if (!offline) return complain(offline.error());
  Progress bar{std::cerr, progress_style(command.json || command.quiet), "checking", "", clock};
  const auto check = app::check_histories(
      *(*offline)->workspace.domain, (*offline)->workspace.store(), command.newest,
      [&](double done) { bar.update(done, 1); }, interruption.token());
  bar.finish();
  if (!check) return complain(check.error());
  if (command.json)
    print_json(*check);
  else
    print(*check);
  return check->differ == 0 ? 0 : kFailed;
}

}  // namespace

void add_doctor(CLI::App& app, CommandResult& result) {
  CLI::App* doctor = app.add_subcommand("doctor", "Check that a store holds what it promises");
  doctor->require_subcommand(1);
  doctor->footer(
      "Examples:\n"
      "  rankloop doctor histories --data-dir /var/lib/rankloop");
  auto command = std::make_shared<DoctorCommand>();
  CLI::App* histories = doctor->add_subcommand(
      "histories", "Compute again what histories said of each ranking, and compare bit by bit");
  const auto setting = [&](const char* flag, const char* key, const char* type, const char* help) {
    histories
        ->add_option_function<std::string>(
            flag, [command, key](const std::string& text) { command->settings[key] = text; }, help)
        ->type_name(type);
  };
  setting("--data-dir", "data_dir", "DIR", "Folder of the embedded store");
  setting("--store", "store", "URL", "A shared store instead");
  setting("--domain", "domain", "FILE", "Domain file, where it does not lie in the folder");
  histories->add_option("--config", command->config_file, "Settings file")->type_name("FILE");
  histories->add_option("--newest", command->newest, "Of the newest requests only, so many; 0: of all")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  histories->add_flag("--json", command->json, "One JSON object");
  histories->add_flag("--quiet", command->quiet, "No progress");
  histories->footer(
      "Of the embedded store while its server is stopped, or of a shared one beside its servers. Exit code\n"
      "0: all come out the same, 1: some differ, or it did not work, 2: it was asked for wrongly.\n\n"
      "Examples:\n"
      "  rankloop doctor histories --data-dir /var/lib/rankloop\n"
      "  rankloop doctor histories --newest 10000 --json");
  histories->callback([command, &result] { result.exit_code = run(*command); });
}

}  // namespace rankloop::cli
