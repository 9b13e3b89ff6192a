// Finds the command or the option that was meant.
#include "cli/unknown_word.h"

#include <string_view>
#include <vector>

#include "domain/closest_name.h"

namespace rankloop::cli {
namespace {

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty()) names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string guess(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> known{names.begin(), names.end()};
  const auto nearest = closest_name(word, known);
  return nearest ? "; did you mean '" + std::string{*nearest} + "'?" : std::string{};
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::optional<std::string> explain_unknown_word(const CLI::App& app) {
  const CLI::App* command = &app;
  std::string path;  // of commands, as they were given
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += (path.empty() ? "" : " ") + command->get_name();
  }
  const std::vector<std::string> words = command->remaining();
  if (words.empty()) return std::nullopt;
  const std::string& word = words.front();
  const std::string lack = path.empty() ? "there is no " : "'" + path + "' has no ";
  if (word.starts_with("-")) {
    const std::string name = word.substr(0, word.find('='));
    const std::string help = app.get_name() + (path.empty() ? "" : " ") + path + " --help";
    return lack + "option '" + name + "'" + guess(name, options_of(*command)) + "\nRun '" + help +
           "' for those there are.";
  }
  const std::vector<std::string> names = commands_of(*command);
  if (names.empty()) return std::nullopt;
  return lack + "command '" + word + "'" + guess(word, names) + "\nThere are: " + listed(names) + ".";
}

}  // namespace rankloop::cli
