// The command import history, from JSON lines or a table, to a server or into a store.
#include "cli/import_history.h"

#include <charconv>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/learn/history_line.h"
#include "cli/history_table.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "client/http_client.h"
#include "domain/schema_names.h"
#include "server/data_directory.h"
#include "server/offline.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::minutes kDeadline{5};
constexpr std::size_t kBatchRequests = 500;
constexpr std::size_t kBatchBytes = 1U << 20;

struct HistoryOptions {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::string file;
  std::string url;
  HistoryColumns columns;  // of a table; without a request column the file has JSON lines
  bool json = false;
};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

struct Imported {
  std::int64_t requests = 0;
  std::int64_t repeated = 0;  // there already, under the same ids
  app::UnknownNames unknown;
};

// Imports lines, and adds to what is imported.
using Send = std::function<Status(std::string_view lines, Imported& imported)>;

// Gathers lines and hands them on in batches.
class Batches {
 public:
  Batches(Send send, Imported& imported) : send_(std::move(send)), imported_(imported) {}

  // `number`: of the line in the file, for messages.
  Status add(std::string_view line, std::size_t number) {
    lines_ += line;
    lines_ += '\n';
    numbers_.push_back(number);
    return numbers_.size() >= kBatchRequests || lines_.size() >= kBatchBytes ? flush() : Status{};
  }
  Status flush() {
    if (lines_.empty()) return {};
    const Status sent = send_(lines_, imported_);
    Error error = sent ? Error{} : sent.error();
    for (FieldFault& fault : error.faults) name_line(fault);
    lines_.clear();
    numbers_.clear();
    if (sent) return {};
    return error;
  }

 private:
  // The batch counts its own lines, "line 3"; people know those of the file.
  void name_line(FieldFault& fault) const {
    constexpr std::string_view kLine = "line ";
    if (fault.loc.empty() || !fault.loc.front().starts_with(kLine)) return;
    const std::string_view digits = std::string_view{fault.loc.front()}.substr(kLine.size());
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (number >= 1 && number <= numbers_.size())
      fault.loc.front() = std::string{kLine} + std::to_string(numbers_[number - 1]);
  }

  const Send send_;
  Imported& imported_;
  std::string lines_;
  std::vector<std::size_t> numbers_;  // in the file, of each of lines_
};

Status read_lines(std::string_view text, const TakeLine& take, const TableProgress& progress,
                  const std::stop_token& stop) {
  const auto total = static_cast<double>(text.size());
  for (std::size_t number = 1; !text.empty() && !stop.stop_requested(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      if (Status taken = take(line, number); !taken) return taken;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
    progress(total - static_cast<double>(text.size()), total);
  }
  return {};
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
Send through_server(client::HttpClient server, bool strict) {
  const auto shared = std::make_shared<client::HttpClient>(std::move(server));
  return [shared, strict](std::string_view lines, Imported& imported) -> Status {
    const auto answer = shared->ask({.method = "POST",
                                     .path = strict ? "/history:import?strict=true" : "/history:import",
                                     .content_type = "application/x-ndjson",
                                     .body = lines},
                                    kDeadline);
    if (!answer) return answer.error();
    if (answer->status != 200) return error_of(*answer);
    return add_answer(answer->body, imported);
  };
}

Send into_store(app::History& history, bool strict, std::stop_token stop) {
  return [&history, strict, stop = std::move(stop)](std::string_view lines, Imported& imported) -> Status {
    const auto report = history.import(lines, strict, stop);
    if (!report) return report.error();
    imported.requests += report->requests;
    imported.repeated += report->repeated;
    for (const app::UnknownName& each : report->unknown) imported.unknown.add(each.name, each.count);
    return {};
  };
}

int tell(const Imported& imported, const Domain& domain, bool json) {
  std::vector<std::string> names = app::history_names(domain);
  for (const std::string_view name : names_of(domain.requests)) names.emplace_back(name);
  const std::vector<std::string_view> known{names.begin(), names.end()};
  const std::vector<app::UnknownName> unknown = imported.unknown.told(known);
  if (json) {
    std::cout << boost::json::object{{"requests", imported.requests},
                                     {"repeated", imported.repeated},
                                     {"unknown_fields", imported.unknown.total()},
                                     {"unknown", to_json(std::span{unknown})}}
              << '\n';
    return 0;
  }
  std::cout << imported.requests << " requests imported";
  if (imported.repeated > 0) std::cout << ", " << imported.repeated << " were there already";
  std::cout << '\n';
  if (!unknown.empty()) std::cout << "left out, for nobody knows them: " << in_words(unknown) << '\n';
  return 0;
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

// Mapped, not read: a history may be larger than memory.
Result<boost::interprocess::mapped_region> mapped(const std::string& file) {
  try {
    return boost::interprocess::mapped_region(
        boost::interprocess::file_mapping(file.c_str(), boost::interprocess::read_only),
        boost::interprocess::read_only);
  } catch (const boost::interprocess::interprocess_exception&) {
    return Error{ErrorCode::kNotFound, "cannot read '" + file + "', or it is empty"};
  }
}

Status import(const HistoryOptions& options, const Domain& domain, std::string_view text, Send send,
              Imported& imported, const std::stop_token& stop) {
  const SystemClock clock;
  Progress bar{std::cerr, progress_style(options.json), "importing", "", clock};
  Batches batches{std::move(send), imported};
  const TakeLine take = [&](std::string_view line, std::size_t number) { return batches.add(line, number); };
  const TableProgress progress = [&](double read, double all) { bar.update(read, all); };
  Status read = options.columns.request.empty()
                    ? read_lines(text, take, progress, stop)
                    : read_history_table(options.file, text, domain, options.columns, imported.unknown, take,
                                         progress, stop);
  if (read && !stop.stop_requested()) read = batches.flush();
  bar.finish();
  if (read && stop.stop_requested()) read = Error{ErrorCode::kAborted, "the import was interrupted"};
  return read;
}

int run(const HistoryOptions& options) {
  if (options.columns.request.empty() != options.columns.picked.empty()) {
    return complain(
        invalid("a table needs both --request-column and --picked-column; JSON lines need neither"));
  }
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto domain = server::load_domain(settings->domain);
  if (!domain) return complain(domain.error());
  const auto file = mapped(options.file);
  if (!file) return complain(file.error());
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  std::unique_ptr<server::Offline> offline;
  Send send;
  const Interruption interruption;
  if (!url.empty()) {
    auto server = client::HttpClient::of(url, settings->auth_token);
    if (!server) return complain(server.error());
    send = through_server(*std::move(server), options.columns.strict);
  } else {
    auto opened = server::open_offline(*settings);
    if (!opened) return complain(opened.error());
    offline = *std::move(opened);
    send = into_store(offline->workspace.app().history, options.columns.strict, interruption.token());
  }
  const std::string_view text{static_cast<const char*>(file->get_address()), file->get_size()};
  Imported imported;
  const Status done = import(options, **domain, text, std::move(send), imported, interruption.token());
  return done ? tell(imported, **domain, options.json) : complain_of(done.error(), imported);
}

}  // namespace

void add_import_history(CLI::App& import, CommandResult& result) {
  auto options = std::make_shared<HistoryOptions>();
  CLI::App* command =
      import.add_subcommand("history", "Import what another system showed and what was picked there");
  command->add_option("file", options->file, "JSON lines, or a table (.csv: commas, otherwise tabs)")
      ->type_name("FILE")
      ->required();
  command->add_option(
      "--request-column", options->columns.request,
      "Of a table with a row for each item shown: the column that names the request; its rows stand "
      "together, best first, and the request's fields are columns too");
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
