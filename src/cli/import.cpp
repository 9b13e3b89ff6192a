// The command import items.
#include "cli/import.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/serve/catalog.h"
#include "cli/import_history.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "client/http_client.h"
#include "server/data_directory.h"
#include "server/offline.h"

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
  bool json = false;
};

Result<app::ImportFormat> format_of(const ImportOptions& options) {
  std::string name = options.format;
  if (name.empty()) {
    const std::size_t dot = options.file.rfind('.');
    name = dot == std::string::npos ? "" : options.file.substr(dot + 1);
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

Result<std::string> read_text(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

int tell(const boost::json::object& report, bool json) {
  if (json) {
    std::cout << report << '\n';
    return 0;
  }
  std::cout << report.at("rows") << " rows: " << report.at("created") << " new items, "
            << report.at("updated") << " replaced; catalog version " << report.at("catalog_version") << '\n';
  std::vector<app::UnknownName> unknown;
  for (const boost::json::value& each : report.at("unknown").as_array()) {
    const boost::json::value& nearest = each.at("nearest");
    unknown.push_back({std::string{each.at("name").as_string()}, each.at("count").to_number<std::int64_t>(),
                       nearest.is_string() ? std::string{nearest.get_string()} : std::string{}});
  }
  if (!unknown.empty())
    std::cout << "left out, for the domain does not know them: " << in_words(unknown) << '\n';
  return 0;
}

std::string path_of(const app::ImportOptions& options) {
  std::string path = std::string{"/items:import?number_rows="} + (options.number_rows ? "true" : "false") +
                     "&strict=" + (options.strict ? "true" : "false");
  if (options.id_column.empty()) return path;
  path += "&id_column=";
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : options.id_column) {
    const auto byte = static_cast<unsigned char>(c);
    (path += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return path;
}

int import_through_server(const std::string& url, const std::string& token, const ImportOptions& options,
                          const std::string& text) {
  auto server = client::HttpClient::of(url, token);
  if (!server) return complain(server.error());
  const std::string path = path_of(options.rows);
  const auto answer = server->ask(
      {.method = "POST", .path = path, .content_type = content_type(options.rows.format), .body = text},
      kImportDeadline);
  if (!answer) return complain(answer.error());
  if (answer->status != 200) return complain(error_of(*answer));
  boost::system::error_code fault;
  const boost::json::value report = boost::json::parse(answer->body, fault);
  if (fault || !report.is_object() || !report.get_object().contains("unknown")) {
    return complain({ErrorCode::kInternal, "the server's answer cannot be read; is it of another version?"});
  }
  return tell(report.get_object(), options.json);
}

int import_into_store(const config::Settings& settings, const ImportOptions& options,
                      const std::string& text) {
  const ProgressStyle style = progress_style(options.json);
  const Interruption interruption;
  const SystemClock clock;
  Progress bar{std::cerr, style, "importing", "", clock};
  const auto offline = server::open_offline(settings);
  if (!offline) return complain(offline.error());
  const auto report = (*offline)->workspace.app().catalog.import(
      text, options.rows, {[&](double share) { bar.update(share, 1); }, interruption.token()});
  bar.finish();
  if (!report) return complain(report.error());
  return tell(to_json(*report), options.json);
}

int import(ImportOptions options) {
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto format = format_of(options);
  if (!format) return complain(format.error());
  options.rows.format = *format;
  const auto text = read_text(options.file);
  if (!text) return complain(text.error());
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  if (!url.empty()) return import_through_server(url, settings->auth_token, options, *text);
  return import_into_store(*settings, options, *text);
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
  items->add_option("--format", options->format, "Of the file (default: by its ending)")
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
      "  rankloop import items places.jsonl --url http://127.0.0.1:4789");
  items->callback([options, &result] { result.exit_code = import(*options); });
  add_import_history(*command, result);
}

}  // namespace rankloop::cli
