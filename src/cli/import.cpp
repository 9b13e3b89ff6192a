#include "cli/import.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/import_history.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "server/data_directory.h"
#include "server/offline.h"
#include "simulate/connection.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::minutes kImportDeadline{30};

struct ImportOptions {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::string file;
  std::string format;
  std::string url;
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

int tell(const boost::json::value& report, bool json) {
  if (json) {
    std::cout << report << '\n';
    return 0;
  }
  std::cout << report.at("rows") << " rows: " << report.at("created") << " new items, "
            << report.at("updated") << " replaced; catalog version " << report.at("catalog_version") << '\n';
  return 0;
}

int import_through_server(const std::string& url, const std::string& token, std::string_view type,
                          const std::string& text, bool json) {
  const auto endpoint = simulate::resolve(url);
  if (!endpoint) return complain(endpoint.error());
  const auto answer = simulate::call(
      *endpoint,
      {.method = "POST", .path = "/items:import", .content_type = type, .body = text, .token = token},
      kImportDeadline);
  if (!answer) return complain(answer.error());
  if (answer->status != 200) {
    std::cerr << answer->body << '\n';
    return kFailed;
  }
  return tell(boost::json::parse(answer->body), json);
}

int import_into_store(const config::Settings& settings, app::ImportFormat format, const std::string& text,
                      bool json) {
  const ProgressStyle style = progress_style(json);
  const SystemClock clock;
  Progress bar{std::cerr, style, "importing", "", clock};
  const auto offline = server::open_offline(settings);
  if (!offline) return complain(offline.error());
  const auto report = (*offline)->catalog->import(text, format, [&](double share) { bar.update(share, 1); });
  bar.finish();
  if (!report) return complain(report.error());
  return tell({{"rows", report->rows},
               {"created", report->created},
               {"updated", report->updated},
               {"catalog_version", report->catalog_version},
               {"unknown_fields", report->unknown_fields}},
              json);
}

int import(const ImportOptions& options) {
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto format = format_of(options);
  if (!format) return complain(format.error());
  const auto text = read_text(options.file);
  if (!text) return complain(text.error());
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  if (!url.empty())
    return import_through_server(url, settings->auth_token, content_type(*format), *text, options.json);
  return import_into_store(*settings, *format, *text, options.json);
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
      "  rankloop import items arc.csv --domain domain/flights.toml --data-dir data/itineraries\n"
      "  rankloop import items places.jsonl --url http://127.0.0.1:4789");
  items->callback([options, &result] { result.exit_code = import(*options); });
  add_import_history(*command, result);
}

}  // namespace rankloop::cli
