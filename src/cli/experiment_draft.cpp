// Reads a draft's file and puts the options over it.
#include "cli/experiment_draft.h"

#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <toml++/toml.h>

#include "domain/toml_bounds.h"

namespace rankloop::cli {
namespace {

namespace json = boost::json;

Error bad(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

// A table of TOML as JSON.
Result<std::string> json_of_toml(const std::string& text, const std::string& file) {
  if (const auto excess = toml_excess(text))
    return bad(file + ", line " + std::to_string(excess->line) + ": " + excess->message);
  try {
    std::ostringstream written;
    const toml::table table = toml::parse(text);
    written << toml::json_formatter{table};
    return std::move(written).str();
  } catch (const toml::parse_error& error) {
    return bad(file + ", line " + std::to_string(error.source().begin.line) + ": " +
               std::string{error.description()});
  }
}

Result<json::object> read_draft(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read '" + file + "'"};
  std::stringstream bytes;
  bytes << in.rdbuf();
  std::string text = std::move(bytes).str();
  if (file.ends_with(".toml")) {
    auto converted = json_of_toml(text, file);
    if (!converted) return converted.error();
    text = *std::move(converted);
  }
  boost::system::error_code fault;
  json::value value = json::parse(text, fault);
  if (fault || !value.is_object()) return bad("'" + file + "' is no JSON object (a TOML file ends in .toml)");
  return std::move(value.get_object());
}

// "name=value"; the name may hold such a sign itself.
Result<std::pair<std::string, std::string>> pair_of(const std::string& text, std::string_view form) {
  const std::size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return bad("'" + text + "' should be " + std::string{form});
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

template <class Number>
std::optional<Number> number_of(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

Status put_arms(const ExperimentDraft& draft, json::object& body) {
  json::array arms;
  for (const std::string& text : draft.arms) {
    const auto pair = pair_of(text, "NAME=MODEL, the model a number or 'champion'");
    if (!pair) return pair.error();
    const auto number = number_of<std::int64_t>(pair->second);
    if (!number && pair->second != "champion")
      return bad("'" + text + "': a model is a number or 'champion'");
    arms.push_back({{"name", pair->first},
                    {"model_id", number ? json::value(*number) : json::value("champion")},
                    {"share", draft.share.value_or(1 / static_cast<double>(draft.arms.size()))}});
  }
  if (!arms.empty()) body["arms"] = std::move(arms);
  if (!draft.arms.empty() || !draft.share) return {};
  json::array* const of_file = body.contains("arms") ? body["arms"].if_array() : nullptr;
  if (of_file == nullptr) return bad("--share is of arms, and there are none: say --arm NAME=MODEL");
  for (json::value& arm : *of_file) {
    if (arm.is_object()) arm.get_object()["share"] = *draft.share;
  }
  return {};
}

Status put_guardrails(const ExperimentDraft& draft, json::object& body) {
  json::array guardrails;
  for (const std::string& text : draft.guardrails) {
    const auto pair = pair_of(text, "METRIC=BOUND");
    if (!pair) return pair.error();
    const auto bound = number_of<double>(pair->second);
    if (!bound) return bad("'" + text + "': a bound is a number");
    guardrails.push_back({{"metric", pair->first}, {"bound", *bound}});
  }
  if (!guardrails.empty()) body["guardrails"] = std::move(guardrails);
  return {};
}

}  // namespace

void add_draft_options(CLI::App& command, ExperimentDraft& draft) {
  command.add_option("--file", draft.file, "The experiment as TOML or JSON; options go before what it says")
      ->type_name("FILE");
  command.add_option("--name", draft.name, "What it is called");
  command
      .add_option("--arm", draft.arms,
                  "An arm, the control first: its name and a model's number, or champion")
      ->type_name("NAME=MODEL")
      ->allow_extra_args(false);
  command.add_option("--share", draft.share, "Of the traffic, of each arm; without it they share all of it");
  command.add_option("--method", draft.method, "Whether arms have people of their own or share every list")
      ->check(CLI::IsMember({"split", "interleaving"}));
  command.add_option("--interleaving", draft.interleaving, "How two rankings become one list")
      ->check(CLI::IsMember({"team_draft", "probabilistic"}));
  command.add_option("--unit", draft.unit, "What is drawn")->check(CLI::IsMember({"person", "request"}));
  command
      .add_option("--primary", draft.primary,
                  "The metric that decides (default: pick_rate): also value, picks, outcome_rate, none_rate, "
                  "reward, and of each kind of feedback KIND_rate and KIND_value")
      ->type_name("METRIC");
  command.add_option("--smallest-effect", draft.smallest_effect, "A difference that is worth to be seen");
  command.add_option("--planned-people", draft.planned_people, "Instead of a size that is computed");
  command.add_option("--baseline", draft.baseline, "The control's rate, instead of the measured one");
  command.add_option("--deviation", draft.deviation, "Between people, of a metric that is no rate");
  command
      .add_option("--guardrail", draft.guardrails,
                  "A metric, and how much worse an arm may be before it is stopped")
      ->type_name("METRIC=BOUND")
      ->allow_extra_args(false);
  command.add_flag("--ramp", draft.ramp, "Begin with 1 % of the traffic, then 5, 25 and 50 %, a day each");
}

Result<json::object> body_of(const ExperimentDraft& draft) {
  json::object body;
  if (!draft.file.empty()) {
    auto read = read_draft(draft.file);
    if (!read) return read.error();
    body = *std::move(read);
  }
  const auto put = [&](std::string_view name, const auto& value) {
    if (value) body[name] = *value;
  };
  const auto put_text = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) body[name] = text;
  };
  put_text("name", draft.name);
  put_text("method", draft.method);
  put_text("interleaving", draft.interleaving);
  put_text("unit", draft.unit);
  put_text("primary", draft.primary);
  put("smallest_effect", draft.smallest_effect);
  put("planned_people", draft.planned_people);
  put("baseline", draft.baseline);
  put("deviation", draft.deviation);
  if (const Status sound = put_arms(draft, body); !sound) return sound.error();
  if (const Status sound = put_guardrails(draft, body); !sound) return sound.error();
  if (draft.ramp) body["ramp"] = json::object{};
  return body;
}

}  // namespace rankloop::cli
