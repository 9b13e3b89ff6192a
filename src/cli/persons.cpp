// The command persons with its commands, over a server's API.
#include "cli/persons.h"

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include "cli/registry.h"
#include "cli/serve.h"
#include "cli/server_answer.h"
#include "client/http_client.h"

namespace rankloop::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kDeadline{300};
constexpr std::chrono::milliseconds kBetweenLooks{200};

struct PersonsOptions {
  RegistryPlace place;
  std::string key;
  bool json = false;
  bool yes = false;
  bool no_wait = false;
};

// Asks one server about one person.
class Person {
 public:
  Person(client::HttpClient server, const std::string& key)
      : server_(std::move(server)),
        path_("/persons/" + boost::urls::encode(key, boost::urls::unreserved_chars)) {}

  Result<std::string> text(const std::string& below) { return ask({.path = path_ + below}); }
  Result<json::value> known() { return parsed(text("")); }
  Result<json::value> erased() {
    const auto started = parsed(ask({.method = "DELETE", .path = path_}));
    if (!started) return started;
    return erasure(std::string{started->at("task_id").as_string()});
  }
  Result<json::value> erasure(const std::string& task) { return parsed(ask({.path = "/erasures/" + task})); }

 private:
  Result<std::string> ask(const client::Call& call) {
    auto answer = server_.ask(call, kDeadline);
    if (!answer) return answer.error();
    if (answer->status / 100 != 2) return error_of(*answer);
    return std::move(answer->body);
  }
  static Result<json::value> parsed(const Result<std::string>& body) {
    if (!body) return body.error();
    boost::system::error_code fault;
    json::value value = json::parse(*body, fault);
    if (fault || !value.is_object()) return Error{ErrorCode::kInternal, "the server's answer is no JSON"};
    return value;
  }

  client::HttpClient server_;
  const std::string path_;
};

std::string word_or(const json::value& value, std::string_view otherwise) {
  return value.is_string() ? std::string{value.get_string()} : std::string{otherwise};
}

std::string known_text(const json::value& person) {
  return fmt::format("  stored    {}{}\n  requests  {}\n  events    {}\n  seen      {} to {}\n",
                     json::serialize(person.at("fields")),
                     person.at("changed").is_null() ? "" : " since " + word_or(person.at("changed"), ""),
                     json::serialize(person.at("requests")), json::serialize(person.at("events")),
                     word_or(person.at("first_seen"), "never"), word_or(person.at("last_seen"), "never"));
}

std::string receipt_text(const json::value& erasure) {
  const json::value& receipt = erasure.at("receipt");
  if (receipt.is_null())
    return fmt::format("  erasure {}: {}\n", word_or(erasure.at("task_id"), ""),
                       word_or(erasure.at("status"), ""));
  std::string text = fmt::format("  erasure {} by {}, {}\n", word_or(erasure.at("task_id"), ""),
                                 word_or(receipt.at("by"), ""), word_or(receipt.at("ended"), ""));
  for (const char* what : {"removed", "unlinked"}) {
    for (const auto& [table, count] : receipt.at(what).as_object())
      text += fmt::format("  {:<9} {} {}\n", what, json::serialize(count), std::string_view{table});
  }
  return text + "  " + word_or(receipt.at("stays"), "") + "\n";
}

using Command = std::function<Result<std::string>(Person&, const PersonsOptions&)>;

Result<std::string> show(Person& person, const PersonsOptions& options) {
  const auto known = person.known();
  if (!known) return known.error();
  return options.json ? json::serialize(*known) + "\n" : known_text(*known);
}

Result<std::string> tell_all(Person& person, const PersonsOptions&) {
  auto lines = person.text("/export");
  if (lines && lines->find("{\"kind\":\"end\"") == std::string::npos)
    return Error{ErrorCode::kUnavailable, "the export broke off before its last line"};
  return lines;
}

Result<std::string> erase(Person& person, const PersonsOptions& options) {
  if (!options.yes) {
    const auto known = person.known();
    if (!known) return known.error();
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("an erasure cannot be taken back; with --yes it takes {} requests and {} events "
                             "from this person, "
                             "and the fields that are stored",
                             json::serialize(known->at("requests")), json::serialize(known->at("events")))};
  }
  auto erasure = person.erased();
  const auto is_open = [](const json::value& now) {
    const std::string status = word_or(now.at("status"), "");
    return status == "PENDING" || status == "STARTED" || status == "RETRY";
  };
  while (erasure && !options.no_wait && is_open(*erasure)) {
    std::this_thread::sleep_for(kBetweenLooks);
    erasure = person.erasure(word_or(erasure->at("task_id"), ""));
  }
  if (!erasure) return erasure.error();
  if (!options.no_wait && erasure->at("receipt").is_null()) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("the erasure ended as {} {}", word_or(erasure->at("status"), ""),
                             word_or(erasure->at("error"), ""))};
  }
  return options.json ? json::serialize(*erasure) + "\n" : receipt_text(*erasure);
}

int run(const PersonsOptions& options, const Command& command) {
  const auto settings = read_settings(options.place.config_file, options.place.settings);
  if (!settings) return complain(settings.error());
  auto server = client::HttpClient::of(server_to_ask(options.place, *settings), settings->auth_token);
  if (!server) return complain(server.error());
  Person person(*std::move(server), options.key);
  const auto text = command(person, options);
  if (!text) return complain(text.error());
  std::cout << *text << std::flush;
  return 0;
}

}  // namespace

void add_persons(CLI::App& app, CommandResult& result) {
  CLI::App* parent = app.add_subcommand("persons", "What is known of a person, all of it, and its erasure");
  parent->require_subcommand(1);
  parent->footer(
      "Examples:\n"
      "  rankloop persons show ann\n"
      "  rankloop persons export ann > ann.jsonl\n"
      "  rankloop persons erase ann --yes\n"
      "All of them ask a running server.");
  const auto options = std::make_shared<PersonsOptions>();
  const auto add = [&](const char* name, const char* help, const char* example, Command command) {
    CLI::App* sub = parent->add_subcommand(name, help);
    sub->footer(std::string("Example:\n  rankloop persons ") + example);
    add_server_options(*sub, options->place);
    sub->add_option("key", options->key, "The person's own id: the user_key of requests")
        ->type_name("KEY")
        ->required();
    sub->callback(
        [options, &result, command = std::move(command)] { result.exit_code = run(*options, command); });
    return sub;
  };
  CLI::App* shows = add("show", "What is stored, and how much is known besides", "show ann --json", show);
  shows->add_flag("--json", options->json, "The API's answer as JSON");
  add("export", "Everything that is known, as lines of JSON", "export ann > ann.jsonl", tell_all);
  CLI::App* erases =
      add("erase", "Remove or unlink everything, and print the receipt", "erase ann --yes", erase);
  erases->add_flag("--json", options->json, "The API's answer as JSON");
  erases->add_flag("--yes", options->yes, "Do it; without, it is only said what it takes");
  erases->add_flag("--no-wait", options->no_wait, "Do not wait for the receipt");
}

}  // namespace rankloop::cli
