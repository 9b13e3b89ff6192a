#include "cli/import_history.h"

#include <charconv>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include "app/row_reader.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "server/data_directory.h"
#include "server/offline.h"
#include "simulate/connection.h"

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
  std::string group;   // column that names the request of a row; empty: JSON lines
  std::string picked;  // column: how many picked the row
  std::string item;    // column of the item's id; empty: the domain's, or the number of the row
  bool json = false;
};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

// Gathers lines and hands them on in batches; remembers what went through.
class Batches {
 public:
  using Send = std::function<Result<std::int64_t>(std::string_view lines, std::size_t first_line)>;
  explicit Batches(Send send) : send_(std::move(send)) {}

  // `number`: of the line in the file, for messages.
  Status add(std::string_view line, std::size_t number) {
    if (lines_.empty()) first_ = number;
    lines_ += line;
    lines_ += '\n';
    ++waiting_;
    return waiting_ >= kBatchRequests || lines_.size() >= kBatchBytes ? flush() : Status{};
  }
  Status flush() {
    if (lines_.empty()) return {};
    const Result<std::int64_t> count = send_(lines_, first_);
    if (!count) {
      Error error = count.error();
      if (imported_ > 0)
        error.message += " (the " + std::to_string(imported_) + " requests before are imported)";
      return error;
    }
    imported_ += *count;
    lines_.clear();
    waiting_ = 0;
    return {};
  }
  std::int64_t imported() const { return imported_; }

 private:
  const Send send_;
  std::string lines_;
  std::size_t first_ = 1;
  std::size_t waiting_ = 0;
  std::int64_t imported_ = 0;
};

Status read_lines(std::string_view text, Batches& batches, Progress& bar, const std::stop_token& stop) {
  const auto total = static_cast<double>(text.size());
  for (std::size_t number = 1; !text.empty() && !stop.stop_requested(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      if (Status added = batches.add(text.substr(0, end), number); !added) return added;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
    bar.update(total - static_cast<double>(text.size()), total);
  }
  return batches.flush();
}

// A table in which each row is an item that was shown in a request; rows of a request stand together.
class TableReader {
 public:
  TableReader(const HistoryOptions& options, const Domain& domain, std::string_view text, Batches& batches)
      : options_(options),
        domain_(domain),
        reader_(text, options.file.ends_with(".csv") ? ',' : '\t'),
        size_(static_cast<double>(text.size())),
        batches_(batches) {}

  Status read(Progress& bar, const std::stop_token& stop) {
    if (Status header = read_header(); !header) return header;
    while (reader_.next() && !stop.stop_requested()) {
      if (Status row = read_row(); !row) return row;
      bar.update(static_cast<double>(reader_.offset()), size_);
    }
    if (Status last = end_request(); !last) return last;
    return batches_.flush();
  }

 private:
  Error fault(const std::string& what) const {
    return invalid(options_.file + ":" + std::to_string(reader_.line()) + ": " + what);
  }

  Status read_header() {
    if (!reader_.next()) return invalid(options_.file + " is empty");
    for (const std::string_view cell : reader_.cells()) header_.emplace_back(cell);
    const auto column = [&](const std::string& name) -> std::optional<std::size_t> {
      for (std::size_t i = 0; i < header_.size(); ++i) {
        if (header_[i] == name) return i;
      }
      return std::nullopt;
    };
    const auto group = column(options_.group);
    const auto picked = column(options_.picked);
    if (!group) return fault("there is no column '" + options_.group + "' (--request-column)");
    if (!picked) return fault("there is no column '" + options_.picked + "' (--picked-column)");
    item_ = column(options_.item.empty() ? domain_.item_id_field : options_.item);
    if (!item_ && !options_.item.empty())
      return fault("there is no column '" + options_.item + "' (--item-column)");
    group_ = *group;
    picked_ = *picked;
    return {};
  }

  Status read_row() {
    const auto& cells = reader_.cells();
    if (cells.size() == 1 && cells.front().empty()) return {};
    if (cells.size() != header_.size()) {
      return fault(std::to_string(cells.size()) + " cells, the header has " + std::to_string(header_.size()));
    }
    ++row_;
    if (!open_ || cells[group_] != request_) {
      if (Status ended = end_request(); !ended) return ended;
      if (Status begun = begin_request(); !begun) return begun;
    }
    const std::string id = item_ ? std::string{cells[*item_]} : std::to_string(row_);
    double picks = 0;
    const std::string_view cell = cells[picked_];
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), picks);
    if (error != std::errc{} || end != cell.data() + cell.size() || picks < 0) {
      return fault("column '" + options_.picked + "' has '" + std::string{cell} +
                   "'; allowed is a number from 0 on");
    }
    shown_ += (shown_.empty() ? "" : ",") + id;
    if (picks > 0) {
      picks_ +=
          (picks_.empty() ? "" : ",") + (R"({"item":)" + id + R"(,"weight":)" + std::string{cell} + "}");
    }
    return {};
  }

  Status begin_request() {
    const std::vector<std::string_view> loc = {"row"};
    const auto record = domain_.requests.check_cells(header_, reader_.cells(), loc);
    if (!record) return fault(record.error().message);
    open_ = true;
    line_ = reader_.line();
    request_ = reader_.cells()[group_];
    payload_ = record->payload;
    shown_.clear();
    picks_.clear();
    return {};
  }

  Status end_request() {
    if (!std::exchange(open_, false)) return {};
    return batches_.add(
        R"({"request":)" + payload_ + R"(,"shown":[)" + shown_ + R"(],"picked":[)" + picks_ + "]}", line_);
  }

  const HistoryOptions& options_;
  const Domain& domain_;
  app::DelimitedReader reader_;
  const double size_;
  Batches& batches_;
  std::vector<std::string> header_;
  std::size_t group_ = 0;
  std::size_t picked_ = 0;
  std::optional<std::size_t> item_;
  std::int64_t row_ = 0;
  bool open_ = false;
  std::size_t line_ = 0;
  std::string request_;
  std::string payload_;
  std::string shown_;
  std::string picks_;
};

Batches::Send through_server(simulate::Endpoint endpoint, std::string token) {
  return [endpoint = std::move(endpoint), token = std::move(token)](std::string_view lines,
                                                                    std::size_t) -> Result<std::int64_t> {
    const auto answer = simulate::call(endpoint,
                                       {.method = "POST",
                                        .path = "/history:import",
                                        .content_type = "application/x-ndjson",
                                        .body = lines,
                                        .token = token},
                                       kDeadline);
    if (!answer) return answer.error();
    if (answer->status != 200) {
      return Error{ErrorCode::kFailedPrecondition,
                   "the server answered " + std::to_string(answer->status) + ": " + answer->body};
    }
    std::int64_t count = 0;
    const std::size_t at = answer->body.find(':');
    std::from_chars(answer->body.data() + at + 1, answer->body.data() + answer->body.size(), count);
    return count;
  };
}

int run(const HistoryOptions& options) {
  if (options.group.empty() != options.picked.empty()) {
    return complain(
        invalid("a table needs both --request-column and --picked-column; JSON lines need neither"));
  }
  const auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return complain(settings.error());
  const auto domain = server::load_domain(settings->domain);
  if (!domain) return complain(domain.error());
  // Mapped, not read: a history may be larger than memory.
  boost::interprocess::mapped_region file;
  try {
    file = boost::interprocess::mapped_region(
        boost::interprocess::file_mapping(options.file.c_str(), boost::interprocess::read_only),
        boost::interprocess::read_only);
  } catch (const boost::interprocess::interprocess_exception&) {
    return complain({ErrorCode::kNotFound, "cannot read '" + options.file + "', or it is empty"});
  }
  std::string url = options.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  std::unique_ptr<server::Core> offline;
  Batches::Send send;
  if (!url.empty()) {
    auto endpoint = simulate::resolve(url);
    if (!endpoint) return complain(endpoint.error());
    send = through_server(*std::move(endpoint), settings->auth_token);
  } else {
    auto opened = server::open_offline(*settings);
    if (!opened) return complain(opened.error());
    offline = *std::move(opened);
    send = [&offline](std::string_view lines, std::size_t first) {
      return offline->history->import(lines, first);
    };
  }
  const Interruption interruption;
  const SystemClock clock;
  Batches batches{std::move(send)};
  Progress bar{std::cerr, progress_style(options.json), "importing", "", clock};
  const std::string_view text{static_cast<const char*>(file.get_address()), file.get_size()};
  const Status read = options.group.empty()
                          ? read_lines(text, batches, bar, interruption.token())
                          : TableReader(options, **domain, text, batches).read(bar, interruption.token());
  bar.finish();
  if (!read) return complain(read.error());
  if (options.json) {
    std::cout << "{\"requests\":" << batches.imported() << "}\n";
  } else {
    std::cout << batches.imported() << " requests imported\n";
  }
  return 0;
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
      "--request-column", options->group,
      "Of a table with a row for each item shown: the column that names the request; its rows stand "
      "together, best first, and the request's fields are columns too");
  command->add_option("--picked-column", options->picked, "Of a table: how many people picked the row");
  command->add_option(
      "--item-column", options->item,
      "Of a table: the item's id (default: the domain's name for it, else the number of the row, as "
      "'import items' counts)");
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
      "  {\"request\": {...}, \"shown\": [3, 1, 2], \"picked\": [1], \"user_key\": \"u7\", \"at\": "
      "\"2026-03-01T12:00:00Z\"}\n"
      "\"picked\" may hold {\"item\": 1, \"weight\": 531}: 531 people. An empty list says that nothing was "
      "picked.\n\n"
      "Examples:\n"
      "  rankloop import history clicks.jsonl\n"
      "  rankloop import history arc.csv --request-column id_case --picked-column choice \\\n"
      "    --domain domain/flights.toml --data-dir data/itineraries");
  command->callback([options, &result] { result.exit_code = run(*options); });
}

}  // namespace rankloop::cli
