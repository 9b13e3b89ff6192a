// The commands backup and restore.
#include "cli/backup.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "domain/clock.h"
#include "domain/strict_json.h"
#include "server/data_directory.h"
#include "storage/backup.h"
#include "storage/log_damage.h"
#include "telemetry/log.h"

namespace rankloop::cli {
namespace {

struct BackupCommand {
  std::string file;
  std::string config_file;
  std::map<std::string, std::string> settings;
  bool replace = false;
  bool quiet = false;
  bool json = false;
};

using Copy = Result<storage::CopiedStore>;
using CopyWork = Copy (*)(const BackupCommand&, const config::Settings&, const storage::CopyOptions&);

// The address for a command line that anybody may read: without the password, which PGPASSWORD or ~/.pgpass
// has.
std::string without_password(const std::string& url) {
  std::string shown = telemetry::redact(url);
  constexpr std::string_view kHidden = ":***";
  if (const std::size_t at = shown.find(kHidden); at != std::string::npos) shown.erase(at, kHidden.size());
  return shown;
}

Error use_postgres_tools(const std::string& what, const std::string& command) {
  return {ErrorCode::kFailedPrecondition,
          "the store is a PostgreSQL database, " + what + " by its own tools:\n  " + command};
}

Copy make_backup(const BackupCommand& command, const config::Settings& settings,
                 const storage::CopyOptions& options) {
  if (!settings.store.empty()) {
    return use_postgres_tools(
        "which is backed up while it runs",
        "pg_dump --format=custom --file='" + command.file + "' '" + without_password(settings.store) + "'");
  }
  const std::string store = server::store_file_in(settings.data_dir);
  if (!server::is_in_use(settings.data_dir)) {
    const auto damage = storage::find_log_damage(store);
    if (!damage) return damage.error();
    if (*damage) {
      return Error{ErrorCode::kDataLoss,
                   storage::in_words(**damage, store) +
                       ". A start of the server keeps that log aside and goes on without "
                       "them; then there is something to back up."};
    }
  }
  return storage::back_up(store, command.file, options);
}

Copy put_back(const BackupCommand& command, const config::Settings& settings,
              const storage::CopyOptions& options) {
  if (!settings.store.empty()) {
    return use_postgres_tools("which is restored, with every server and worker stopped,",
                              "pg_restore --clean --if-exists --no-owner --single-transaction --dbname='" +
                                  without_password(settings.store) + "' '" + command.file + "'");
  }
  std::error_code fault;
  if (!std::filesystem::is_regular_file(command.file, fault))
    return Error{ErrorCode::kNotFound, "there is no backup '" + command.file + "'"};
  const auto folder = server::DataDirectory::open(settings.data_dir);
  if (!folder) return folder.error();
  return storage::restore(command.file, (*folder)->store_file(), options);
}

void print(const storage::CopiedStore& copied, const std::string& what, double seconds) {
  std::cout << fmt::format("{}: {:.1f} MB, {} requests, {} items, {} models; checked, in {}\n", what,
                           static_cast<double>(copied.bytes) / 1e6, copied.rows("inferences"),
                           copied.rows("items"), copied.rows("models"),
                           human_duration(std::chrono::duration<double>{seconds}));
}

void print_json(const storage::CopiedStore& copied, const std::string& file, double seconds) {
  std::string out = R"({"file":)";
  append_json_string(out, file);
  out += fmt::format(R"(,"bytes":{},"schema":{},"seconds":{:.3f},"tables":[)", copied.bytes, copied.schema,
                     seconds);
  for (const storage::CopiedTable& table : copied.tables) {
    if (out.back() != '[') out += ',';
    out += R"({"name":)";
    append_json_string(out, table.name);
    out += fmt::format(R"(,"rows":{}}})", table.rows);
  }
  std::cout << out << "]}\n";
}

int run(const BackupCommand& command, CopyWork work, const std::string& title) {
  const auto settings = read_settings(command.config_file, command.settings);
  if (!settings) return complain(settings.error());
  const Interruption interruption;
  const SystemClock clock;
  const Monotonic began = clock.monotonic();
  Progress bar{std::cerr, progress_style(command.json || command.quiet), title, "", clock};
  storage::CopyOptions options;
  options.replace = command.replace;
  options.stop = interruption.token();
  options.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    bar.update(static_cast<double>(done), static_cast<double>(total), what);
  };
  const Copy copied = work(command, *settings, options);
  if (copied) bar.update(1, 1, "");
  bar.finish();
  if (!copied) return complain(copied.error());
  const double seconds = std::chrono::duration<double>(clock.monotonic() - began).count();
  if (command.json) {
    print_json(*copied, command.file, seconds);
  } else if (!command.quiet) {
    print(*copied, command.file, seconds);
  }
  return 0;
}

CLI::App* add(CLI::App& app, const std::shared_ptr<BackupCommand>& command, const std::string& name,
              const std::string& help, const std::string& of_file) {
  CLI::App* added = app.add_subcommand(name, help);
  added->add_option("file", command->file, of_file)->type_name("FILE")->required();
  added
      ->add_option_function<std::string>(
          "--data-dir", [command](const std::string& text) { command->settings["data_dir"] = text; },
          "Folder of the embedded store")
      ->type_name("DIR");
  added->add_option("--config", command->config_file, "Settings file")->type_name("FILE");
  added->add_flag("--json", command->json, "One JSON object");
  added->add_flag("--quiet", command->quiet, "No progress and no summary");
  return added;
}

}  // namespace

void add_backup(CLI::App& app, CommandResult& result) {
  auto command = std::make_shared<BackupCommand>();
  CLI::App* added =
      add(app, command, "backup", "Copy the store, also while its server runs, and check the copy",
          "The file to make; it must not be there");
  added->footer(
      "The copy is the store at one moment: whatever was answered before the command began is in it. It\n"
      "has its name once it was read back whole and is on the disk; until then it is FILE.partial. Exit\n"
      "code 0: it is there, 1: it did not work, 2: it was asked for wrongly.\n\n"
      "Examples:\n"
      "  rankloop backup /var/backups/rankloop-$(date +%F).db --data-dir /var/lib/rankloop\n"
      "  rankloop backup copy.db --json");
  added->callback([command, &result] { result.exit_code = run(*command, &make_backup, "backing up"); });
}

void add_restore(CLI::App& app, CommandResult& result) {
  auto command = std::make_shared<BackupCommand>();
  CLI::App* added = add(app, command, "restore", "Put a backup in the place of a stopped server's store",
                        "A file of 'rankloop backup'");
  added->add_flag("--replace", command->replace, "Lose the store that is there");
  added->footer(
      "The backup is copied and checked first; whatever fails, the store is as it was. The backup stays.\n\n"
      "Examples:\n"
      "  rankloop restore backup.db --data-dir /var/lib/rankloop\n"
      "  rankloop restore backup.db --replace");
  added->callback([command, &result] { result.exit_code = run(*command, &put_back, "restoring"); });
}

}  // namespace rankloop::cli
