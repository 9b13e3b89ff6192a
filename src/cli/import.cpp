// The command import items.
#include "cli/import.h"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "app/serve/catalog.h"
#include "cli/bad_rows_file.h"
#include "cli/import_history.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "cli/table_options.h"
#include "client/http_client.h"
#include "server/data_directory.h"
#include "server/offline.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::minutes kImportDeadline{30};

struct ImportOptions {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::string file;
  std::string format;
  std::string url;
  app::ImportOptions rows;
  TableOptions table;
  bool json = false;
};

Result<app::ImportFormat> format_of(const ImportOptions& options) {
  std::string name = options.format;
  if (name.empty()) {
    const std::string_view file = unpacked_name(options.file);
    const std::size_t dot = file.rfind('.');
    name = dot == std::string_view::npos ? "" : file.substr(dot + 1);
  }
  if (name == "csv") return app::ImportFormat::kCsv;
  if (name == "tsv") return app::ImportFormat::kTsv;
  if (name == "jsonl" || name == "ndjson") return app::ImportFormat::kJsonLines;
  return Error{ErrorCode::kInvalidArgument,
               "the format of '" + options.file + "' is not known; say --format csv, tsv or jsonl"};
}

std::string_view content_type(app::ImportFormat format) {
  switch (format) {
    case app::ImportFormat::kCsv:
      return "text/csv";
    case app::ImportFormat::kTsv:
      return "text/tab-separated-values";
    case app::ImportFormat::kJsonLines:
      return "application/x-ndjson";
  }
  return "text/csv";
}

std::vector<app::BadRow> bad_rows_of(const boost::json::object& report) {
  std::vector<app::BadRow> rows;
  for (const boost::json::value& each : report.at("bad").as_array())
    rows.push_back({each.at("line").to_number<std::size_t>(), std::string{each.at("reason").as_string()}});
  return rows;
}

std::string_view word(const boost::json::object& report, std::string_view name) {
  const boost::json::value& value = report.at(name);
  return value.is_string() ? std::string_view{value.get_string()} : std::string_view{};
}

// Nothing, where it is the one that such a file has.
std::string_view unexpected_separator(const boost::json::object& report, app::ImportFormat format) {
  const std::string_view separator = word(report, "separator");
  return separator == (format == app::ImportFormat::kTsv ? "tab" : "comma") ? std::string_view{} : separator;
}

void tell(const boost::json::object& report, const ImportOptions& options) {
  std::cout << report.at("rows") << " rows: " << report.at("created") << " new items, "
            << report.at("updated") << " replaced; catalog version " << report.at("catalog_version")
            << fmt::format("; {:.0f} rows/s", report.at("rows_per_second").to_number<double>()) << '\n';
  std::vector<app::UnknownName> unknown;
  for (const boost::json::value& each : report.at("unknown").as_array()) {
    const boost::json::value& nearest = each.at("nearest");
    unknown.push_back({std::string{each.at("name").as_string()}, each.at("count").to_number<std::int64_t>(),
                       nearest.is_string() ? std::string{nearest.get_string()} : std::string{}});
  }
  if (!unknown.empty())
    std::cout << "left out, for the domain does not know them: " << in_words(unknown) << '\n';
  std::cout << told_headers(report.at("repeated_headers").to_number<std::int64_t>());
  const std::string read = how_it_was_read(unexpected_separator(report, options.rows.format),
                                           word(report, "encoding"), word(report, "compression"));
  if (!read.empty()) std::cout << read << '\n';
  tell_bad_rows(bad_rows_of(report), options.table.skip_bad);
}

std::string path_of(const app::ImportOptions& options, const TableOptions& table) {
  std::string path = std::string{"/items:import?number_rows="} + (options.number_rows ? "true" : "false") +
                     "&strict=" + (options.strict ? "true" : "false") + query_of(table);
  if (options.id_column.empty()) return path;
  path += "&id_column=";
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : options.id_column) {
    const auto byte = static_cast<unsigned char>(c);
    (path += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return path;
}

// The file as the server gets it, piece by piece; what is more than one piece has a bar.
client::Upload upload_of(const tables::Bytes& bytes, Progress& bar) {
  const std::shared_ptr<tables::ByteSource> source = bytes.open();
  return {bytes.size(), [source, &bar, size = bytes.size()](std::span<char> room) {
            auto read = source->read(room);
            const std::uint64_t sent = source->taken();
            if (read && *read < size)
              bar.update(static_cast<double>(sent), static_cast<double>(size), sent < size ? "" : "checking");
            return read;
          }};
}

// What the server says of an import, as an offline one would.
Result<boost::json::object> import_through_server(const std::string& url, const std::string& token,
                                                  const ImportOptions& options, const tables::Bytes& bytes) {
  auto server = client::HttpClient::of(url, token);
  if (!server) return server.error();
  const SystemClock clock;
  Progress bar{std::cerr, progress_style(options.json), "sending", "", clock};
  const client::Upload upload = upload_of(bytes, bar);
  const std::string path = path_of(options.rows, options.table);
  const auto answer = server->ask(
      {.method = "POST", .path = path, .content_type = content_type(options.rows.format), .upload = &upload},
      kImportDeadline);
  bar.finish();
  if (!answer) return answer.error();
  if (answer->status != 200) return error_of(*answer);
  boost::system::error_code fault;
  boost::json::value report = boost::json::parse(answer->body, fault);
  if (fault || !report.is_object() || !report.get_object().contains("bad"))
    return Error{ErrorCode::kInternal, "the server's answer cannot be read; is it of another version?"};
  return std::move(report.get_object());
}

Result<boost::json::object> import_into_store(const config::Settings& settings, const ImportOptions& options,
                                              const tables::Bytes& bytes) {
  const ProgressStyle style = progress_style(options.json);
  const Interruption interruption;
  const SystemClock clock;
  Progress bar{std::cerr, style, "importing", "", clock};
  const auto offline = server::open_offline(settings);
  if (!offline) return offline.error();
  const auto progress = [&](double share, std::int64_t rows) {
    bar.update(share, 1, fmt::format("{} rows", rows));
  };
  const auto report = (*offline)->workspace.app().catalog.import(
      bytes, options.rows, {.progress = progress, .stop = interruption.token(), .until_served = false});
  bar.finish();
  if (!report) return report.error();
  return to_json(*report);
}

Status keep_bad_rows(const boost::json::object& report, const ImportOptions& options,
                     const tables::Bytes& bytes, BadRowsFile& file) {
  const char separator = tables::separator_named(word(report, "separator")).value_or('\0');
  return file.write(bytes, options.rows.text, {separator, std::nullopt}, bad_rows_of(report));
}

int import(ImportOptions options) {
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto format = format_of(options);
  if (!format) return complain(format.error());
  options.rows.format = *format;
  options.rows.separator = options.table.separator_character();
  options.rows.text = options.table.text();
  options.rows.skip_bad = !options.table.skip_bad.empty();
  const auto bytes = tables::Bytes::of_file(options.file);
  if (!bytes) return complain(bytes.error());
  std::optional<BadRowsFile> bad_rows;
  if (options.rows.skip_bad) {
    auto opened = BadRowsFile::open(options.table.skip_bad, options.file);
    if (!opened) return complain(opened.error());
    bad_rows = *std::move(opened);
  }
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  const auto report = url.empty() ? import_into_store(*settings, options, *bytes)
                                  : import_through_server(url, settings->auth_token, options, *bytes);
  if (!report) return complain(report.error());
  if (bad_rows) {
    if (Status kept = keep_bad_rows(*report, options, *bytes, *bad_rows); !kept)
      return complain(kept.error());
  }
  if (options.json) {
    std::cout << *report << '\n';
  } else {
    tell(*report, options);
  }
  return 0;
}

}  // namespace

void add_import(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand("import", "Bring data in");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  rankloop import items places.jsonl\n"
      "  rankloop import history clicks.jsonl");
  CLI::App* items = command->add_subcommand("items", "Import items from CSV, TSV or JSON lines, all or none");
  items->add_option("file", options->file, "The file")->type_name("FILE")->required();
  items->add_option("--format", options->format, "Of the file (default: by its ending, before .gz or .zst)")
      ->check(CLI::IsMember({"csv", "tsv", "jsonl", "ndjson"}));
  items
      ->add_option("--url", options->url,
                   "The server (default: the one that serves the data directory, if any)")
      ->type_name("URL");
  items->add_option("--id-column", options->rows.id_column,
                    "The column or key of the ids (default: the domain's name for it)");
  items->add_flag("--number-rows", options->rows.number_rows, "Give rows that bring no id the next free one");
  items->add_flag("--strict", options->rows.strict,
                  "Refuse columns and keys that the domain does not know, instead of leaving them out");
  add_table_options(*items, options->table);
  items->add_option("--config", options->config_file, "Settings file")->type_name("FILE");
  const auto setting = [&](const std::string& flag, const std::string& key, const std::string& kind,
                           const std::string& help) {
    items
        ->add_option_function<std::string>(
            flag, [options, key](const std::string& text) { options->settings[key] = text; }, help)
        ->type_name(kind);
  };
  setting("--data-dir", "data_dir", "DIR", "Folder of the embedded store");
  setting("--domain", "domain", "FILE", "Domain file, when no server runs");
  items->add_flag("--json", options->json, "One JSON object");
  items->footer(
      "Examples:\n"
      "  rankloop import items arc.csv --number-rows --domain domain/flights.toml --data-dir "
      "data/itineraries\n"
      "  rankloop import items places.jsonl --url http://127.0.0.1:4789\n"
      "  rankloop import items export.csv.gz --encoding latin1 --skip-bad bad.csv");
  items->callback([options, &result] { result.exit_code = import(*options); });
  add_import_history(*command, result);
}

}  // namespace rankloop::cli
