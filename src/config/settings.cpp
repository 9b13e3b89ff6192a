// How a file, the environment and the command line are read by the table of settings.
#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iomanip>
#include <sstream>

#include <toml++/toml.h>

#include "domain/closest_name.h"
#include "domain/toml_bounds.h"
#include "domain/units.h"

namespace rankloop::config {
namespace {

constexpr std::string_view kOurs = "RANKLOOP_";

std::string range_text(const Option& option) {
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(option.field)) {
    return to_text(std::chrono::milliseconds{option.minimum}) + " to " +
           to_text(std::chrono::milliseconds{option.maximum});
  }
  if (std::holds_alternative<Bytes Settings::*>(option.field)) {
    return bytes_to_text(static_cast<std::uint64_t>(option.minimum)) + " to " +
           bytes_to_text(static_cast<std::uint64_t>(option.maximum));
  }
  return std::to_string(option.minimum) + " to " + std::to_string(option.maximum);
}

bool in_range(const Option& option, std::int64_t value) {
  return value >= option.minimum && value <= option.maximum;
}

std::string shown_choice(std::string_view name) {
  return name.empty() ? R"("")" : std::string{name};
}

const std::vector<std::string_view>& allowed_words(const Option& option, const Families& families) {
  return option.is_family ? families : option.allowed;
}

// One overload a type: reads `text` into the setting, or says what is allowed.
std::optional<std::string> assign(const Option& option, const Families& families, std::string& target,
                                  std::string_view text) {
  const std::vector<std::string_view>& words = allowed_words(option, families);
  if (!words.empty() && std::find(words.begin(), words.end(), text) == words.end()) {
    std::string names;
    for (const std::string_view name : words) names += (names.empty() ? "" : ", ") + shown_choice(name);
    return "one of " + names;
  }
  if (!text.empty() && static_cast<std::int64_t>(text.size()) < option.minimum) {
    return "nothing, or at least " + std::to_string(option.minimum) + " characters";
  }
  target = text;
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, const Families&, std::int64_t& target,
                                  std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
  if (error != std::errc{} || end != text.data() + text.size() || !in_range(option, target)) {
    return "a whole number, " + range_text(option);
  }
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, const Families&, double& target,
                                  std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
  const bool in_range =
      target >= static_cast<double>(option.minimum) && target <= static_cast<double>(option.maximum);
  if (error != std::errc{} || end != text.data() + text.size() || !in_range) {
    return "a number, " + range_text(option);
  }
  return std::nullopt;
}

std::optional<std::string> assign(const Option&, const Families&, bool& target, std::string_view text) {
  if (text != "true" && text != "false" && text != "1" && text != "0") return "true or false";
  target = text == "true" || text == "1";
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, const Families&, std::chrono::milliseconds& target,
                                  std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || !in_range(option, value->count())) {
    return "a duration such as 500ms, 30s or 24h, " + range_text(option);
  }
  target = *value;
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, const Families&, Bytes& target,
                                  std::string_view text) {
  const auto value = parse_bytes(text);
  if (!value || !in_range(option, static_cast<std::int64_t>(*value))) {
    return "a size such as 512KB, 64MB or 2GB, " + range_text(option);
  }
  target.count = *value;
  return std::nullopt;
}

Status set(Settings& settings, const Option& option, const Families& families, std::string_view text,
           const std::string& source) {
  const std::optional<std::string> allowed =
      std::visit([&](auto member) { return assign(option, families, settings.*member, text); }, option.field);
  if (!allowed) return {};
  return Error{ErrorCode::kInvalidArgument, source + ": " + std::string{option.key} + " is '" +
                                                (option.secret ? "***" : std::string{text}) +
                                                "'; allowed is " + *allowed};
}

const Option* find(std::string_view key) {
  for (const Option& option : options()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

Error unknown_key(const std::string& key, const std::string& source) {
  std::vector<std::string_view> names;
  for (const Option& option : options()) names.push_back(option.key);
  std::string message = source + ": there is no setting '" + key + "'";
  if (const auto nearest = closest_name(key, names))
    message += "; did you mean '" + std::string{*nearest} + "'?";
  return Error{ErrorCode::kInvalidArgument, message};
}

// The text of a TOML value, so that a file and an environment variable go the same way; nothing for a list or
// a date, which no setting takes.
std::optional<std::string> text_of(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return text;
  std::ostringstream out;
  if (const auto number = node.value_exact<std::int64_t>()) {
    out << *number;
  } else if (const auto flag = node.value_exact<bool>()) {
    out << (*flag ? "true" : "false");
  } else if (const auto real = node.value_exact<double>()) {
    out << std::setprecision(15) << *real;
  } else {
    return std::nullopt;
  }
  return out.str();
}

// The pairs of a table, "gbdt.depth=8, mlp.epochs=40"; nothing when one is no number.
std::optional<std::string> pairs_of(const toml::table& table, const std::string& prefix) {
  std::string pairs;
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string{name.str()};
    const toml::table* inner = node.as_table();
    if (inner == nullptr && !node.is_number()) return std::nullopt;
    const auto text = inner != nullptr ? pairs_of(*inner, key + ".") : key + "=" + *text_of(node);
    if (!text) return std::nullopt;
    pairs += (pairs.empty() || text->empty() ? "" : ", ") + *text;
  }
  return pairs;
}

std::optional<std::string> setting_text(const toml::node& node) {
  const toml::table* table = node.as_table();
  return table != nullptr ? pairs_of(*table, "") : text_of(node);
}

Status read_table(Settings& settings, const Families& families, const toml::table& from,
                  const std::string& prefix, const std::string& file) {
  for (const auto& [name, node] : from) {
    const std::string key = prefix + std::string{name.str()};
    const Option* option = find(key);
    if (const toml::table* inner = node.as_table(); inner != nullptr && !(option && option->takes_table)) {
      if (Status status = read_table(settings, families, *inner, key + ".", file); !status) return status;
      continue;
    }
    const std::string source = file + ":" + std::to_string(node.source().begin.line);
    if (option == nullptr) return unknown_key(key, source);
    const std::optional<std::string> text = setting_text(node);
    if (!text) {
      return Error{
          ErrorCode::kInvalidArgument,
          source + ": " + key +
              (node.is_table() ? " has something that is no number; allowed are numbers"
                               : " is a list or a date; allowed is a text, a number, true or false")};
    }
    if (Status status = set(settings, *option, families, *text, source); !status) return status;
    settings.taken_from.insert_or_assign(key, "file");
  }
  return {};
}

// What others call by our name: the tests and scripts around the program, and what Kubernetes sets in every
// container beside a service named rankloop.
bool is_of_others(std::string_view variable) {
  constexpr std::array<std::string_view, 5> kNames{"RANKLOOP_BENCHMARKS", "RANKLOOP_BIN", "RANKLOOP_BINARY",
                                                   "RANKLOOP_PORT"};
  return std::find(kNames.begin(), kNames.end(), variable) != kNames.end() ||
         variable.starts_with("RANKLOOP_SERVICE_") || variable.starts_with("RANKLOOP_PORT_");
}

Status check_variables(std::span<const std::string> variables) {
  std::vector<std::string> names;
  for (const Option& option : options()) names.push_back(environment_name(option));
  for (const std::string& variable : variables) {
    if (is_of_others(variable) || std::find(names.begin(), names.end(), variable) != names.end()) continue;
    std::string message = "environment: there is no setting '" + variable + "'";
    std::vector<std::string_view> endings;  // what all have in common would make anything look near
    for (const std::string& name : names) endings.push_back(std::string_view{name}.substr(kOurs.size()));
    if (const auto nearest = closest_name(std::string_view{variable}.substr(kOurs.size()), endings))
      message += "; did you mean '" + std::string{kOurs} + std::string{*nearest} + "'?";
    return Error{ErrorCode::kInvalidArgument, message + " (rankloop config lists the settings)"};
  }
  return {};
}

Status read_file(Settings& settings, const Families& families, const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read the config file '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  if (const auto excess = toml_excess(text.view())) {
    return Error{ErrorCode::kInvalidArgument,
                 file + ":" + std::to_string(excess->line) + ": " + excess->message};
  }
  try {
    return read_table(settings, families, toml::parse(text.str()), "", file);
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kInvalidArgument, file + ":" + std::to_string(error.source().begin.line) + ": " +
                                                  std::string{error.description()}};
  }
}

std::string quoted(const Option& option) {
  const bool bare = std::holds_alternative<std::int64_t Settings::*>(option.field) ||
                    std::holds_alternative<bool Settings::*>(option.field);
  return bare ? std::string{option.preset} : "\"" + std::string{option.preset} + "\"";
}

}  // namespace

std::string environment_name(const Option& option) {
  std::string name{kOurs};
  for (const char c : option.key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

Result<Settings> load_settings(const Sources& sources) {
  Settings settings;
  for (const Option& option : options()) {
    if (Status status = set(settings, option, sources.families, option.preset, "default"); !status)
      return status.error();
  }
  if (!sources.file.empty()) {
    if (Status status = read_file(settings, sources.families, sources.file); !status) return status.error();
  }
  if (Status status = check_variables(sources.variables); !status) return status.error();
  for (const Option& option : options()) {
    const std::string name = environment_name(option);
    const std::optional<std::string> value = sources.environment ? sources.environment(name) : std::nullopt;
    if (!value) continue;
    if (Status status = set(settings, option, sources.families, *value, name); !status) return status.error();
    settings.taken_from.insert_or_assign(std::string{option.key}, "environment");
  }
  for (const auto& [key, value] : sources.command_line) {
    const Option* option = find(key);
    if (option == nullptr) return unknown_key(key, "command line");
    if (Status status = set(settings, *option, sources.families, value, "command line"); !status)
      return status.error();
    settings.taken_from.insert_or_assign(key, "command line");
  }
  return settings;
}

std::string sample_file(const Families& families, std::span<const std::string> pairs) {
  std::string text =
      "# Settings of rankloop. Every key stands here with its default; remove the '#' to change one.\n"
      "# Each is also a variable (RANKLOOP_ and the key in upper case, dots as underscores).\n";
  std::string section;
  for (const Option& option : options()) {
    const std::size_t dot = option.key.find('.');
    const std::string own = dot == std::string_view::npos ? "" : std::string{option.key.substr(0, dot)};
    if (own != section) {
      section = own;
      text += "\n[" + section + "]\n";
    }
    text += "\n# " + std::string{option.help};
    if (const auto& words = allowed_words(option, families); !words.empty()) {
      text += " One of";
      for (const std::string_view name : words) text += " " + shown_choice(name);
      text += ".";
    } else if (option.maximum > 0) {
      text += " (" + range_text(option) + ")";
    }
    if (option.takes_table) {
      for (const std::string& pair : pairs) text += "\n#   " + pair;
    }
    text += "\n# " + std::string{dot == std::string_view::npos ? option.key : option.key.substr(dot + 1)} +
            " = " + quoted(option) + "\n";
  }
  return text;
}

}  // namespace rankloop::config
