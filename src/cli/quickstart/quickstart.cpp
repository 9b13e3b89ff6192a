// The command quickstart: the domain, the import, the contest and the server, one after another.
#include "cli/quickstart/quickstart.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/interruption.h"
#include "cli/quickstart/contest.h"
#include "cli/quickstart/told_steps.h"
#include "cli/serve.h"
#include "ml/families/families.h"

namespace rankloop::cli {
namespace {

// Fills the store and, where there is a history, learns from it.
Status prepare(const NewCatalog& catalog, const QuickstartOptions& options, const ToldSteps& told,
               const std::stop_token& stop) {
  auto offline = server::open_offline(catalog.settings);
  if (!offline) return offline.error();
  if (Status fresh = check_no_models(**offline); !fresh) return fresh;
  const auto items = bring_items(**offline, catalog, options, stop);
  if (!items) return items.error();
  told.items(catalog, *items);
  std::optional<Contest> contest;
  if (!options.history.empty()) {
    const auto history = bring_history(**offline, catalog, options, stop);
    if (!history) return history.error();
    told.history(catalog, *history);
    auto held = hold_contest(**offline, {options.families, options.trials, options.json}, stop);
    if (!held) return held.error();
    contest = *std::move(held);
  }
  told.models(contest);
  return {};
}

// What an interrupted quickstart leaves is sound, and the same command goes on from it.
int complain_of(Error error, const NewCatalog& catalog, const std::stop_token& stop) {
  const std::string& directory = catalog.settings.data_dir;
  if (stop.stop_requested()) {
    error = {ErrorCode::kAborted, "interrupted; '" + directory +
                                      "' may be removed, or used as it is: the same command goes on, and " +
                                      serve_command(catalog) + " serves what is there"};
  }
  return complain(error);
}

int run(const QuickstartOptions& options) {
  const Interruption interruption;
  const auto catalog = make_catalog(options);
  if (!catalog) return complain(catalog.error());
  const ToldSteps told(options);
  told.domain(*catalog);
  const std::stop_token stop = interruption.token();
  const Status prepared = prepare(*catalog, options, told, stop);
  if (!prepared) return complain_of(prepared.error(), *catalog, stop);
  if (options.no_serve) {
    told.end(*catalog);
    return 0;
  }
  return serve_until(interruption, catalog->settings, options.json,
                     [&](const server::ReadyInfo& info) { told.ready(info); });
}

void add_tables(CLI::App& command, QuickstartOptions& options) {
  command.add_option("items", options.items, "The items: CSV or another table with a header, or JSON lines")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--history", options.history,
                  "A log: of what was shown and picked, or only of clicks, orders or ratings")
      ->type_name("FILE");
  command
      .add_option("--requests", options.requests,
                  "A table, or JSON lines, with a row for each request or each person")
      ->type_name("FILE");
  command.add_option(
      "--id-column", options.id_column,
      "The items' column of ids, by which the log names them (default: the one that looks like it)");
  add_reading_options(command, options.table);
}

void add_settings(CLI::App& command, const std::shared_ptr<QuickstartOptions>& options) {
  const auto setting = [&](const std::string& flag, const std::string& key, const std::string& kind,
                           const std::string& help) {
    command
        .add_option_function<std::string>(
            flag, [options, key](const std::string& text) { options->settings[key] = text; }, help)
        ->type_name(kind);
  };
  setting("--data-dir", "data_dir", "DIR", "Folder of the embedded store (default: data/NAME of the domain)");
  setting("--domain", "domain", "FILE", "Domain file, instead of one that is made of the tables");
  setting("--listen", "listen", "ADDRESS", "Address and port to serve on (default: 127.0.0.1:4789)");
  command.add_option("--config", options->config_file, "Settings file")->type_name("FILE");
}

void add_learning(CLI::App& command, QuickstartOptions& options) {
  std::vector<std::string> families;
  for (const ml::Family& family : ml::families()) families.emplace_back(family.name);
  command
      .add_option("--families", options.families,
                  "Kinds of models to train beside popularity and random, as logistic,gbdt (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(families));
  command
      .add_option("--tune", options.trials, "Search the hyperparameters of each family in this many trials")
      ->type_name("TRIALS")
      ->check(CLI::Range(1, 10'000));
  command.add_flag("--no-serve", options.no_serve, "End when all is ready, instead of serving it");
  command.add_flag("--json", options.json, "A JSON object a line, one for each step");
}

}  // namespace

void add_quickstart(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<QuickstartOptions>();
  CLI::App* command =
      app.add_subcommand("quickstart", "From tables to a page: infer, import, train, compare, serve");
  add_tables(*command, *options);
  add_settings(*command, options);
  add_learning(*command, *options);
  command->footer(
      "Makes a domain file of the tables and a data directory with it, imports items and history, trains "
      "each "
      "family, judges\n"
      "all of them on the newest requests, makes the best one the champion and serves. Afterwards\n"
      "'rankloop serve --data-dir DIR' serves it again.\n\n"
      "Examples:\n"
      "  rankloop quickstart films.csv\n"
      "  rankloop quickstart films.csv --history clicks.csv\n"
      "  rankloop quickstart products.csv --history orders.csv --id-column sku_number --families "
      "gbdt,logistic\n"
      "  rankloop quickstart hotels.csv.gz --history shown.csv --requests searches.csv --tune 20 --no-serve");
  command->callback([options, &result] { result.exit_code = run(*options); });
}

}  // namespace rankloop::cli
