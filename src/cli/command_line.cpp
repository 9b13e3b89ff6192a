// All commands in one tree, and what is done with the arguments.
#include "cli/command_line.h"

#include <iostream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/backup.h"
#include "cli/compare.h"
#include "cli/completion.h"
#include "cli/config.h"
#include "cli/demo.h"
#include "cli/doctor.h"
#include "cli/domain_check.h"
#include "cli/evaluate.h"
#include "cli/experiments.h"
#include "cli/health.h"
#include "cli/import.h"
#include "cli/manual.h"
#include "cli/migrate_store.h"
#include "cli/models.h"
#include "cli/persons.h"
#include "cli/quickstart/quickstart.h"
#include "cli/serve.h"
#include "cli/simulate.h"
#include "cli/top/top.h"
#include "cli/train.h"
#include "cli/unknown_word.h"
#include "server/version.h"

namespace rankloop::cli {

int run(int argc, const char* const* argv) {
  CLI::App app{
      "rankloop ranks a catalog for each request, remembers what it showed and what was picked, and learns."};
  app.name("rankloop");
  app.require_subcommand(1);
  app.set_version_flag("--version", "rankloop " + server::version() + " (" + server::revision() + ")");
  app.footer(
      "Examples:\n"
      "  rankloop serve                                  start on http://127.0.0.1:4789\n"
      "  rankloop quickstart films.csv --history log.csv your own catalog, learned and served\n"
      "  rankloop simulate traffic --journeys 1000       send simulated guests\n"
      "  rankloop top                                    watch it learn\n"
      "  rankloop domain check domain/flights.toml       is this a good domain file?\n"
      "Each command has its own --help.");
  CommandResult result;
  add_serve(app, result);
  add_worker(app, result);
  add_import(app, result);
  add_simulate(app, result);
  add_demo(app, result);
  add_quickstart(app, result);
  add_train(app, result);
  add_top(app, result);
  add_health(app, result);
  add_models(app, result);
  add_experiments(app, result);
  add_persons(app, result);
  add_evaluate(app, result);
  add_compare(app, result);
  add_domain(app, result);
  add_backup(app, result);
  add_restore(app, result);
  add_migrate_store(app, result);
  add_doctor(app, result);
  add_config(app, result);
  add_completion(app, result);
  add_manual(app, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // A word that nothing takes is the reason for an unexpected argument, and often for a missing one.
    const int reason = error.get_exit_code();
    if (reason == static_cast<int>(CLI::ExitCodes::ExtrasError) ||
        reason == static_cast<int>(CLI::ExitCodes::RequiredError)) {
      if (auto text = explain_unknown_word(app))
        return complain({ErrorCode::kInvalidArgument, *std::move(text)});
    }
    // Help and version end here too, with success.
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : kBadInput;
  }
  return result.exit_code;
}

}  // namespace rankloop::cli
