// Walks CLI11's tree and describes its commands and options.
#include "cli/command_tree.h"

namespace rankloop::cli {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands(
      [](const CLI::App* command) { return !command->get_name().empty() && !command->get_group().empty(); });
}

std::vector<std::string> spellings_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

bool is_flag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

std::string kind_of(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

std::vector<std::string> allowed_words(const CLI::Option& option) {
  // CLI11 says a set as "TEXT:{a,b}" and a set with values as "ENUM:value in {a->1,b->2} OR {1,2}".
  std::vector<std::string> words;
  const std::string name = option.get_type_name();
  const std::size_t begin = name.find('{');
  const std::size_t end = name.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return words;
  for (const std::string& entry : CLI::detail::split(name.substr(begin + 1, end - begin - 1), ','))
    words.push_back(entry.substr(0, entry.find("->")));
  return words;
}

}  // namespace rankloop::cli
