// The command config.
#include "cli/config.h"

#include <iostream>

#include "cli/serve.h"
#include "config/settings.h"
#include "ml/hyperparameters.h"

namespace rankloop::cli {

void add_config(CLI::App& app, CommandResult& result) {
  CLI::App* command =
      app.add_subcommand("config", "Print every setting with its default, as a file to start from");
  command->footer("Example:\n  rankloop config > rankloop.toml");
  command->callback([&result] {
    std::cout << config::sample_file(family_names(), ml::described_hyperparameters()) << std::flush;
    result.exit_code = std::cout ? 0 : kFailed;
  });
}

}  // namespace rankloop::cli
