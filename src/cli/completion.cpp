// The scripts for bash and zsh, and the words that they ask for.
#include "cli/completion.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/command_tree.h"
#include "cli/serve.h"
#include "client/http_client.h"
#include "server/data_directory.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::milliseconds kQuick{300};  // whoever pressed Tab waits for it

// The program answers a word a line; the first line may say ":files" or ":folders" instead, and words may
// follow
// ":files".
const char kBashScript[] = R"script(# Completion of rankloop for bash.
_rankloop() {
  local current="${COMP_WORDS[COMP_CWORD]}" answer
  # Bash parts words at = too: --family=m is three of them.
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  if [[ "$current" == "=" ]]; then
    current=""
    words[${#words[@]} - 1]=""
  elif [[ $COMP_CWORD -gt 1 && "${COMP_WORDS[COMP_CWORD - 1]}" == "=" ]]; then
    words=("${COMP_WORDS[@]:1:COMP_CWORD - 2}" "$current")
  fi
  answer="$("${COMP_WORDS[0]}" completion words -- "${words[@]}" 2>/dev/null)" || return
  case "$answer" in
    :files*)
      mapfile -t COMPREPLY < <(compgen -f -- "$current"; compgen -W "${answer#:files}" -- "$current")
      compopt -o filenames 2>/dev/null ;;
    :folders) mapfile -t COMPREPLY < <(compgen -d -- "$current"); compopt -o filenames 2>/dev/null ;;
    ?*) mapfile -t COMPREPLY <<<"$answer" ;;
  esac
}
complete -F _rankloop rankloop
)script";

const char kZshScript[] = R"script(#compdef rankloop
# Completion of rankloop for zsh.
_rankloop() {
  local answer
  local -a known
  answer="$("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)" || return
  case "$answer" in
    :files*)
      _files
      known=("${(@f)answer}")
      (( ${#known} > 1 )) && compadd -- "${(@)known[2,-1]}" ;;
    :folders) _files -/ ;;
    ?*) known=("${(@f)answer}"); compadd -- "${known[@]}" ;;
  esac
}
if [[ "$funcstack[1]" == _rankloop ]]; then
  _rankloop "$@"
else
  compdef _rankloop rankloop
fi
)script";

const CLI::Option* find_option(const CLI::App& app, const std::string& spelling) {
  for (const CLI::Option* option : app.get_options()) {
    const auto names = spellings_of(*option);
    if (std::ranges::find(names, spelling) != names.end()) return option;
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

void add_words(const std::vector<std::string>& words, const std::string& begun, Completions& found) {
  for (const std::string& word : words) {
    if (word.starts_with(begun)) found.words.push_back(word);
  }
}

void add_values(const CLI::Option& option, const std::string& begun, Completions& found) {
  const std::string kind = kind_of(option);
  found.files = kind == "FILE";
  found.folders = kind == "DIR";
  found.models = kind == "MODEL";
  found.experiments = kind == "EXPERIMENT";
  add_words(allowed_words(option), begun, found);
}

// The option that stands at this place of those without names.
const CLI::Option* positional_at(const CLI::App& app, std::size_t place) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() && place-- == 0) return option;
  }
  return nullptr;
}

// The numbers of what a server lists; none when it does not answer at once.
std::vector<std::string> numbers_at(const char* path, const char* number,
                                    const std::vector<std::string>& line) {
  std::map<std::string, std::string> given;
  std::string url;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == "--data-dir") given["data_dir"] = line[i + 1];
    if (line[i] == "--url") url = line[i + 1];
  }
  const auto settings = read_settings("", given);
  if (!settings) return {};
  if (url.empty()) {
    const auto running = server::address_of_running_server(settings->data_dir);
    if (!running) return {};
    url = *running;
  }
  auto server = client::HttpClient::of(url, settings->auth_token);
  if (!server) return {};
  const auto answer = server->ask({.path = path}, kQuick);
  if (!answer || answer->status != 200) return {};
  std::vector<std::string> ids;
  try {
    const boost::json::value all = boost::json::parse(answer->body);
    for (const boost::json::value& each : all.as_array())
      ids.push_back(boost::json::serialize(each.at(number)));
  } catch (const std::exception&) {
    ids.clear();  // another program's answer completes nothing
  }
  return ids;
}

int print_completions(const CLI::App& app, const std::vector<std::string>& line) {
  Completions found = complete(app, line);
  if (found.models) add_words(numbers_at("/models", "model_id", line), line.back(), found);
  if (found.experiments) add_words(numbers_at("/experiments", "experiment_id", line), line.back(), found);
  if (found.files) {
    std::cout << ":files\n";
  } else if (found.folders) {
    std::cout << ":folders\n";
  } else {
    for (const std::string& word : found.words) std::cout << word << '\n';
  }
  return 0;
}

void add_script(CLI::App& parent, const std::string& shell, const char* script, const std::string& example) {
  CLI::App* command = parent.add_subcommand(shell, "Print the script for " + shell);
  command->footer("Example:\n  " + example);
  command->callback([script] { std::cout << script << std::flush; });
}

}  // namespace

Completions complete(const CLI::App& app, const std::vector<std::string>& line) {
  Completions found;
  if (line.empty()) return found;
  const std::string& begun = line.back();
  const CLI::App* command = &app;
  std::size_t place = 0;  // among the words without names
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const std::string& word = line[i];
    if (word.starts_with("-")) {
      const CLI::Option* option = find_option(*command, word);
      if (option == nullptr || is_flag(*option)) continue;
      if (i + 2 == line.size()) {
        add_values(*option, begun, found);
        return found;
      }
      ++i;  // its value
    } else if (const CLI::App* next = find_command(*command, word)) {
      command = next;
      place = 0;
    } else {
      ++place;
    }
  }
  if (const std::size_t equals = begun.find('='); begun.starts_with("--") && equals != std::string::npos) {
    const std::string name = begun.substr(0, equals);
    if (const CLI::Option* option = find_option(*command, name)) {
      for (const std::string& word : allowed_words(*option)) add_words({name + "=" + word}, begun, found);
    }
    return found;
  }
  if (begun.starts_with("-")) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : spellings_of(*option)) {
        if (name.starts_with("--")) add_words({name}, begun, found);
      }
    }
    return found;
  }
  for (const CLI::App* next : commands_of(*command)) add_words({next->get_name()}, begun, found);
  if (const CLI::Option* option = positional_at(*command, place)) add_values(*option, begun, found);
  return found;
}

void add_completion(CLI::App& app, CommandResult& result) {
  CLI::App* command = app.add_subcommand("completion", "Print a script that completes words in a shell");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  source <(rankloop completion bash)\n"
      "  rankloop completion zsh > ~/.zfunc/_rankloop");
  add_script(*command, "bash", kBashScript,
             "rankloop completion bash > ~/.local/share/bash-completion/completions/rankloop");
  add_script(*command, "zsh", kZshScript, "rankloop completion zsh > ~/.zfunc/_rankloop");
  auto line = std::make_shared<std::vector<std::string>>();
  CLI::App* words = command->add_subcommand("words", "What could stand at the end of a line");
  words->group("");  // for the scripts only
  words->add_option("line", *line, "The words after the program's name");
  words->footer("Example:\n  rankloop completion words -- train --family ''");
  words->callback([line, &app, &result] { result.exit_code = print_completions(app, *line); });
}

}  // namespace rankloop::cli
