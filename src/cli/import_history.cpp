// The command import history, from JSON lines or a table, to a server or into a store.
#include "cli/import_history.h"

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/learn/history.h"
#include "cli/bad_rows_file.h"
#include "cli/history_batches.h"
#include "cli/history_report.h"
#include "cli/history_table.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "cli/table_options.h"
#include "client/http_client.h"
#include "server/data_directory.h"
#include "server/domain_source.h"
#include "server/offline.h"
#include "tables/json_rows.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::minutes kDeadline{5};

struct HistoryCommand {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::string file;
  std::string url;
  TableOptions table;
  HistoryColumns columns;  // of a table; without a request column the file has JSON lines
  bool json = false;
};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status read_lines(tables::Text text, double size, const HistoryListener& listener,
                  const std::stop_token& stop) {
  tables::LineReader reader{std::move(text.source)};
  while (!stop.stop_requested() && reader.next()) {
    if (Status taken = listener.take(reader.text(), reader.line()); !taken) return taken;
    listener.progress(static_cast<double>(reader.taken()), size);
  }
  return reader.status();
}

// What the server says of a batch that it took.
Status add_answer(const std::string& body, Imported& imported) {
  boost::system::error_code fault;
  const boost::json::value answer = boost::json::parse(body, fault);
  const boost::json::object* object = fault ? nullptr : answer.if_object();
  const boost::json::value* requests = object ? object->if_contains("requests") : nullptr;
  if (requests == nullptr || !requests->is_int64())
    return Error{ErrorCode::kInternal, "the server's answer cannot be read; is it of another version?"};
  imported.requests += requests->get_int64();
  const boost::json::value* repeated = object->if_contains("repeated");
  if (repeated != nullptr && repeated->is_int64()) imported.repeated += repeated->get_int64();
  if (const boost::json::value* bad = object->if_contains("bad"); bad != nullptr && bad->is_array()) {
    for (const boost::json::value& each : bad->get_array()) {
      imported.bad_lines.push_back(
          {each.at("line").to_number<std::size_t>(), std::string{each.at("reason").as_string()}});
    }
  }
  const boost::json::value* unknown = object->if_contains("unknown");
  if (unknown == nullptr || !unknown->is_array()) return {};
  for (const boost::json::value& each : unknown->get_array()) {
    const boost::json::object* name = each.if_object();
    if (name == nullptr || !name->contains("name") || !name->contains("count")) continue;
    if (!name->at("name").is_string() || !name->at("count").is_int64()) continue;
    imported.unknown.add(name->at("name").get_string(), name->at("count").get_int64());
  }
  return {};
}

// Over one connection.
SendHistory through_server(client::HttpClient server, const app::HistoryOptions& options) {
  const auto shared = std::make_shared<client::HttpClient>(std::move(server));
  const std::string path = std::string{"/history:import?encoding=utf-8"} +
                           (options.strict ? "&strict=true" : "") +
                           (options.skip_bad ? "&skip_bad=true" : "");
  return [shared, path](std::string_view lines, Imported& imported) -> Status {
    const auto answer = shared->ask(
        {.method = "POST", .path = path, .content_type = "application/x-ndjson", .body = lines}, kDeadline);
    if (!answer) return answer.error();
    if (answer->status != 200) return error_of(*answer);
    return add_answer(answer->body, imported);
  };
}

// A fault, with how far the import came.
int complain_of(Error error, const Imported& imported) {
  if (imported.requests > 0) {
    const std::string before = "; " + std::to_string(imported.requests) + " requests before are imported";
    if (error.faults.empty()) error.message += before;
    if (!error.faults.empty()) error.faults.back().msg += before;
  }
  return complain(error);
}

// Of a table, or of lines of JSON.
Result<std::unique_ptr<tables::TableRows>> rows_of(const HistoryCommand& options, const tables::Bytes& bytes,
                                                   tables::Text text) {
  const auto lines = tables::holds_json_lines(options.file, bytes, options.table.text());
  if (!lines) return lines.error();
  if (*lines) return tables::json_rows(bytes, options.table.text());
  const char asked = options.table.separator_character();
  const char preset = unpacked_name(options.file).ends_with(".csv") ? ',' : '\t';
  return tables::delimited_rows(std::move(text), asked != '\0' ? asked : preset, asked == '\0');
}

Status read_table(const HistoryCommand& options, const tables::Bytes& bytes, tables::Text text,
                  const Domain& domain, const HistoryListener& listener, Imported& imported,
                  const std::stop_token& stop) {
  auto rows = rows_of(options, bytes, std::move(text));
  if (!rows) return Error{rows.error().code, options.file + ": " + rows.error().message};
  const auto report = read_history_table({options.file, *std::move(rows), static_cast<double>(bytes.size())},
                                         domain, options.columns, imported.unknown, listener, stop);
  if (!report) return report.error();
  imported.separator = report->separator;
  imported.request_column = report->request_column;
  imported.request_member = report->request_member;
  imported.repeated_headers = report->repeated_headers;
  return {};
}

Status import(const HistoryCommand& options, const Domain& domain, const tables::Bytes& bytes,
              SendHistory send, Imported& imported, const std::stop_token& stop) {
  const SystemClock clock;
  const Monotonic began = clock.monotonic();
  auto text = tables::open_text(bytes, options.table.text());
  if (!text) return text.error();
  imported.encoding = text->encoding;
  imported.compression = text->compression;
  Progress bar{std::cerr, progress_style(options.json), "importing", "", clock};
  HistoryBatches batches{std::move(send), imported};
  HistoryListener listener;
  listener.take = [&](std::string_view line, std::size_t number) { return batches.add(line, number); };
  listener.progress = [&](double read, double all) { bar.update(read, all); };
  if (!options.table.skip_bad.empty()) {
    listener.take_bad = [&](std::size_t line, std::string reason, bool unreadable) {
      return imported.bad.add(line, std::move(reason), unreadable);
    };
  }
  const auto size = static_cast<double>(bytes.size());
  Status read = options.columns.request.empty()
                    ? read_lines(*std::move(text), size, listener, stop)
                    : read_table(options, bytes, *std::move(text), domain, listener, imported, stop);
  if (read && !stop.stop_requested()) read = batches.flush();
  bar.finish();
  imported.seconds = std::chrono::duration<double>(clock.monotonic() - began).count();
  if (read && stop.stop_requested()) read = Error{ErrorCode::kAborted, "the import was interrupted"};
  return read;
}

Status keep_bad_rows(const std::vector<app::BadRow>& bad, const HistoryCommand& options,
                     const Imported& imported, const tables::Bytes& bytes, std::optional<BadRowsFile>& file) {
  if (!file) return {};
  RowShape shape{.separator = imported.separator, .request_member = imported.request_member};
  if (imported.separator != '\0') shape.request_column = imported.request_column;
  return file->write(bytes, options.table.text(), shape, bad);
}

Result<std::optional<BadRowsFile>> open_bad_rows(const HistoryCommand& options) {
  if (options.table.skip_bad.empty()) return std::optional<BadRowsFile>{};
  auto opened = BadRowsFile::open(options.table.skip_bad, options.file);
  if (!opened) return opened.error();
  return std::optional<BadRowsFile>{*std::move(opened)};
}

int run(const HistoryCommand& options) {
  if (options.columns.request.empty() != options.columns.picked.empty()) {
    return complain(
        invalid("rows of items need both --request-column and --picked-column; JSON lines of requests need "
                "neither"));
  }
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto domain = server::load_domain(*settings);
  if (!domain) return complain(domain.error());
  const auto bytes = tables::Bytes::of_file(options.file);
  if (!bytes) return complain(bytes.error());
  auto bad_rows = open_bad_rows(options);
  if (!bad_rows) return complain(bad_rows.error());
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  const app::HistoryOptions wanted{.strict = options.columns.strict,
                                   .skip_bad = !options.table.skip_bad.empty(),
                                   .text = {.encoding = tables::Encoding::kUtf8}};
  std::unique_ptr<server::Offline> offline;
  SendHistory send;
  const Interruption interruption;
  if (!url.empty()) {
    auto server = client::HttpClient::of(url, settings->auth_token);
    if (!server) return complain(server.error());
    send = through_server(*std::move(server), wanted);
  } else {
    auto opened = server::open_offline(*settings);
    if (!opened) return complain(opened.error());
    offline = *std::move(opened);
    send = into_store(offline->workspace.app().history, wanted, interruption.token());
  }
  Imported imported;
  const Status done = import(options, **domain, *bytes, std::move(send), imported, interruption.token());
  if (!done) return complain_of(done.error(), imported);
  const std::vector<app::BadRow> bad = sorted_bad_rows(imported);
  if (Status kept = keep_bad_rows(bad, options, imported, *bytes, *bad_rows); !kept)
    return complain(kept.error());
  if (options.json) {
    std::cout << to_json(imported, bad, **domain) << '\n';
  } else {
    tell(imported, bad, **domain, options.file, options.table.skip_bad);
  }
  return 0;
}

}  // namespace

void add_import_history(CLI::App& import, CommandResult& result) {
  auto options = std::make_shared<HistoryCommand>();
  CLI::App* command =
      import.add_subcommand("history", "Import what another system showed and what was picked there");
  command
      ->add_option(
          "file", options->file,
          "JSON lines of requests; or rows of items: a table (.csv: commas, otherwise tabs) or JSON lines")
      ->type_name("FILE")
      ->required();
  command->add_option(
      "--request-column", options->columns.request,
      "Of a table, or of JSON lines, with a row for each item shown: the column that names the request; its "
      "rows stand together, best first, and the request's fields are columns too");
  command->add_option(
      "--request-prefix", options->columns.id_prefix,
      "Of a table: what to put before the request's name, to make it an id that no other table has. A "
      "request that is there already under its id is left out");
  command->add_option("--picked-column", options->columns.picked,
                      "Of a table: how many people picked the row");
  command->add_option("--item-column", options->columns.item,
                      "Of a table: the item's id (default: the domain's name for it)");
  command->add_flag("--number-rows", options->columns.number_rows,
                    "Of a table without ids: the number of the row, as 'import items --number-rows' counts");
  command->add_option("--user-column", options->columns.user, "Of a table: the person (default: user_key)");
  command->add_option("--at-column", options->columns.at, "Of a table: the moment (default: at)");
  command->add_flag("--strict", options->columns.strict,
                    "Refuse columns and keys that nobody knows, instead of leaving them out");
  add_table_options(*command, options->table);
  command
      ->add_option("--url", options->url,
                   "The server (default: the one that serves the data directory, if any)")
      ->type_name("URL");
  command->add_option("--config", options->config_file, "Settings file")->type_name("FILE");
  const auto setting = [&](const std::string& flag, const std::string& key, const std::string& kind,
                           const std::string& help) {
    command
        ->add_option_function<std::string>(
            flag, [options, key](const std::string& text) { options->settings[key] = text; }, help)
        ->type_name(kind);
  };
  setting("--data-dir", "data_dir", "DIR", "Folder of the embedded store");
  setting("--domain", "domain", "FILE", "Domain file");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "A line of JSON is one request:\n"
      "  {\"id\": \"r1\", \"request\": {...}, \"shown\": [3, 1, 2], \"picked\": [1], \"user_key\": \"u7\", "
      "\"at\": "
      "\"2026-03-01T12:00:00Z\"}\n"
      "A request with an \"id\" is imported once, however often it comes.\n"
      "\"picked\" may hold {\"item\": 1, \"weight\": 531}: 531 people. An empty list says that nothing was "
      "picked.\n\n"
      "Examples:\n"
      "  rankloop import history clicks.jsonl\n"
      "  rankloop import history arc.csv --request-column id_case --picked-column choice --number-rows \\\n"
      "    --domain domain/flights.toml --data-dir data/itineraries");
  command->callback([options, &result] { result.exit_code = run(*options); });
}

}  // namespace rankloop::cli
