// `rankloop migrate-store`: takes both ends of a move for itself, then moves.
#include "cli/migrate_store.h"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "cli/interruption.h"
#include "cli/progress.h"
#include "domain/strict_json.h"
#include "server/data_directory.h"
#include "storage/move_store.h"
#include "storage/nobody_listens.h"
#include "storage/store.h"
#include "telemetry/log.h"

namespace rankloop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgres = "postgresql://";
constexpr std::string_view kStoreFile = "rankloop.db";

struct MoveCommand {
  std::string from;
  std::string to;
  bool replace = false;
  bool json = false;
};

Error stop_it_first(const std::string& url) {
  return {ErrorCode::kFailedPrecondition, "a rankloop runs on " + telemetry::redact(url) +
                                              "; stop every server and worker on it, then move it"};
}

// One end of the move, which nobody else has as long as this lives.
class End {
 public:
  // Of the schema of this program, and there.
  Status take_source(const std::string& text) {
    if (text.starts_with(kPostgres)) return take_database(text);
    if (Status status = find_file(text); !status) return status;
    if (!fs::exists(file_)) return Error{ErrorCode::kNotFound, "there is no store at '" + file_ + "'"};
    if (Status status = lock_folder(); !status) return status;
    auto opened = storage::open_store(url(), {}, clock_, nobody_);  // brings the schema up to date
    if (!opened) return opened.error();
    (*opened)->close();
    return {};
  }
  // A database gets the schema; a file is made by the move itself.
  Status take_target(const std::string& text) {
    if (text.starts_with(kPostgres)) return take_database(text);
    if (Status status = find_file(text); !status) return status;
    return lock_folder();
  }
  std::string url() const { return file_.empty() ? database_ : std::string(kSqlite) + file_; }

 private:
  Status find_file(const std::string& text) {
    if (!text.starts_with(kSqlite) || text.size() == kSqlite.size()) {
      return Error{ErrorCode::kInvalidArgument,
                   "'" + telemetry::redact(text) +
                       "' is no store; allowed are sqlite:FOLDER, sqlite:FILE.db and "
                       "postgresql://user:password@host/database"};
    }
    const fs::path path = text.substr(kSqlite.size());
    const bool is_file = fs::is_regular_file(path) || (!fs::exists(path) && path.extension() == ".db");
    file_ = (is_file ? path : path / kStoreFile).string();
    return {};
  }
  Status lock_folder() {
    const std::string folder = fs::path(file_).parent_path().string();
    auto locked = server::DataDirectory::open(folder.empty() ? "." : folder);
    if (!locked) return locked.error();
    folder_ = *std::move(locked);
    return {};
  }
  // Every server and worker is connected, unless its network is out, and wants to be the one that maintains
  // the store; who starts waits for its turn.
  Status take_database(const std::string& url) {
    database_ = url;
    const auto tables = storage::open_tables_to_write(url);
    if (!tables) return tables.error();
    const Result<bool> open = (*tables)->is_open_elsewhere();
    if (!open) return open.error();
    if (*open) return stop_it_first(url);
    auto opened = storage::open_store(url, {}, clock_, nobody_);
    if (!opened) return opened.error();
    store_ = *std::move(opened);
    for (const char* what : {"maintenance", "first start"}) {
      auto held = store_->try_lock(what, storage::LockEnds::kWithProcess);
      if (!held) return held.error();
      if (*held == nullptr) return stop_it_first(url);
      holds_.push_back(*std::move(held));
    }
    return {};
  }

  const SystemClock clock_;
  storage::NobodyListens nobody_;
  std::string file_;
  std::string database_;
  std::unique_ptr<server::DataDirectory> folder_;
  std::unique_ptr<storage::Store> store_;
  std::vector<std::unique_ptr<storage::ExclusiveLock>> holds_;
};

Result<std::vector<storage::MovedTable>> move(const MoveCommand& command, Progress& bar,
                                              const std::stop_token& stop) {
  End source;
  if (Status status = source.take_source(command.from); !status) return status.error();
  End target;
  if (Status status = target.take_target(command.to); !status) return status.error();
  auto from = storage::open_tables_to_read(source.url());
  if (!from) return from.error();
  const auto used = (*from)->is_used();
  if (!used) return used.error();
  if (!*used)
    return Error{ErrorCode::kNotFound, "there is nothing to move in " + telemetry::redact(source.url())};
  auto to = storage::open_tables_to_write(target.url());
  if (!to) return to.error();
  storage::MoveOptions options;
  options.replace = command.replace;
  options.stop = stop;
  options.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    bar.update(static_cast<double>(done), static_cast<double>(total), what);
  };
  return storage::move_store(**from, **to, options);
}

void print_tables(const std::vector<storage::MovedTable>& tables) {
  std::int64_t rows = 0;
  std::cout << fmt::format("{:<18} {:>12}  {}\n", "table", "rows", "SHA-256 of both ends");
  for (const storage::MovedTable& table : tables) {
    rows += table.rows;
    std::cout << fmt::format("{:<18} {:>12}  {}\n", table.name, table.rows, table.digest);
  }
  std::cout << fmt::format("{:<18} {:>12}  moved and verified\n", "", rows);
}

void print_json(const MoveCommand& command, const std::vector<storage::MovedTable>& tables) {
  std::string out = R"({"from":)";
  append_json_string(out, telemetry::redact(command.from));
  out += R"(,"to":)";
  append_json_string(out, telemetry::redact(command.to));
  out += R"(,"tables":[)";
  for (const storage::MovedTable& table : tables) {
    if (out.back() != '[') out += ',';
    out += R"({"name":)";
    append_json_string(out, table.name);
    out += fmt::format(R"(,"rows":{},"sha256":"{}"}})", table.rows, table.digest);
  }
  std::cout << out << "]}\n";
}

int run(const MoveCommand& command) {
  const Interruption interruption;
  const SystemClock clock;
  Progress bar{std::cerr, progress_style(command.json), "moving", "rows", clock};
  const auto moved = move(command, bar, interruption.token());
  bar.finish();
  if (!moved) return complain(moved.error());
  if (command.json) {
    print_json(command, *moved);
  } else {
    print_tables(*moved);
  }
  return 0;
}

}  // namespace

void add_migrate_store(CLI::App& app, CommandResult& result) {
  auto command = std::make_shared<MoveCommand>();
  CLI::App* added =
      app.add_subcommand("migrate-store", "Move everything from a stopped store into another, and verify it");
  added->add_option("--from", command->from, "sqlite:FOLDER, sqlite:FILE.db or postgresql://...")->required();
  added->add_option("--to", command->to, "The same; a database has to be there, a file need not")->required();
  added->add_flag("--replace", command->replace, "Lose what the target holds");
  added->add_flag("--json", command->json, "One JSON object");
  added->footer(
      "The source stays as it is. The target has everything once the command has ended with 0, and is as it "
      "was\n"
      "before otherwise (1: it did not work, 2: it was asked for wrongly).\n\n"
      "Examples:\n"
      "  rankloop migrate-store --from sqlite:data --to postgresql://rankloop@db/rankloop\n"
      "  rankloop migrate-store --from postgresql://rankloop@db/rankloop --to sqlite:data");
  added->callback([command, &result] { result.exit_code = run(*command); });
}

}  // namespace rankloop::cli
