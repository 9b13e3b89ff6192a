// The command domain infer.
#include "cli/domain_infer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/inferred_report.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kMostSampleRows = 10'000'000;

Result<infer::SourceTable> open_table(const std::string& file) {
  auto bytes = tables::Bytes::of_file(file);
  if (!bytes) return bytes.error();
  return infer::SourceTable{file, *std::move(bytes)};
}

Result<infer::Sources> open_tables(const InferOptions& options) {
  auto items = open_table(options.items);
  if (!items) return items.error();
  infer::Sources sources{*std::move(items), std::nullopt, std::nullopt};
  for (const auto& [file, into] :
       {std::pair{&options.history, &sources.history}, std::pair{&options.requests, &sources.requests}}) {
    if (file->empty()) continue;
    auto table = open_table(*file);
    if (!table) return table.error();
    *into = *std::move(table);
  }
  return sources;
}

// A file that is there may have been changed by hand, and stays.
Status check_out(const std::string& file) {
  std::error_code fault;
  if (file.empty() || !std::filesystem::exists(file, fault)) return {};
  return Error{ErrorCode::kAlreadyExists,
               "'" + file + "' is there already: give --out another name, or remove it"};
}

int run(const InferOptions& options) {
  const auto inferred = infer_from_files(options);
  if (!inferred) return complain(inferred.error());
  const InferredFiles files{options.items, options.history, options.out, "", options.table};
  if (options.json) {
    std::cout << to_json(*inferred, files) << '\n';
  } else if (options.out.empty()) {
    std::cout << inferred->text;
    tell(*inferred, files, std::cerr);
  } else {
    tell(*inferred, files, std::cout);
  }
  std::cout.flush();
  return 0;
}

}  // namespace

Status write_domain_file(const std::string& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  out.close();
  if (out) return {};
  return Error{ErrorCode::kUnavailable, "cannot write '" + file + "': " + std::strerror(errno)};
}

Result<infer::Inferred> infer_from_files(const InferOptions& options) {
  if (Status fresh = check_out(options.out); !fresh) return fresh.error();
  const auto sources = open_tables(options);
  if (!sources) return sources.error();
  auto inferred = infer::infer_domain(*sources, {.name = options.name,
                                                 .sample = options.sample,
                                                 .text = options.table.text(),
                                                 .separator = options.table.separator_character(),
                                                 .id_column = options.id_column,
                                                 .events = options.events});
  if (!inferred || options.out.empty()) return inferred;
  if (Status written = write_domain_file(options.out, inferred->text); !written) return written.error();
  return inferred;
}

void add_domain_infer(CLI::App& domain, CommandResult& result) {
  auto options = std::make_shared<InferOptions>();
  CLI::App* command =
      domain.add_subcommand("infer", "Make a first domain file by looking at a table of items");
  command->add_option("items", options->items, "The items: CSV or another table with a header, or JSON lines")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--history", options->history,
                   "A table, or JSON lines, with a row for each item that was shown")
      ->type_name("FILE");
  command->add_option("--requests", options->requests, "A table, or JSON lines, with a row for each request")
      ->type_name("FILE");
  command->add_option("--id-column", options->id_column,
                      "The items' column of ids (default: the one that looks like it)");
  command->add_option("--name", options->name, "Of the domain (default: as the table of items is called)");
  command->add_option("--out", options->out, "The domain file to write (default: standard output)")
      ->type_name("FILE");
  command->add_option("--sample", options->sample, "Rows of each table that are looked at, the first ones")
      ->check(CLI::Range(std::size_t{1}, kMostSampleRows))
      ->capture_default_str();
  add_reading_options(*command, options->table);
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "What is not sure is said in the file and in the table of columns. Nothing is imported.\n\n"
      "Examples:\n"
      "  rankloop domain infer films.csv --out films.toml\n"
      "  rankloop domain infer hotels.csv.gz --history clicks.csv --requests searches.csv --out hotels.toml");
  command->callback([options, &result] { result.exit_code = run(*options); });
}

}  // namespace rankloop::cli
