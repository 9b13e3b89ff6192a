// The manual page in man's macros.
#include "cli/manual.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

#include "cli/command_tree.h"
#include "domain/clock.h"
#include "server/version.h"

namespace rankloop::cli {
namespace {

// Text as troff shows it: no escapes, no hyphens for minus signs, no requests at a line's start.
std::string escaped(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char byte : text) {
    if (at_start && (byte == '.' || byte == '\'')) out += "\\&";
    at_start = byte == '\n';
    if (byte == '\\') {
      out += "\\e";
    } else if (byte == '-') {
      out += "\\-";
    } else {
      out += byte;
    }
  }
  return out;
}

std::string bold(std::string_view text) {
  return "\\fB" + escaped(text) + "\\fR";
}

std::string italic(std::string_view text) {
  return "\\fI" + escaped(text) + "\\fR";
}

// "FILE", or the words themselves.
std::string value_of(const CLI::Option& option) {
  std::string text;
  for (const std::string& word : allowed_words(option)) text += (text.empty() ? "" : "|") + word;
  return text.empty() ? kind_of(option) : text;
}

std::string option_entry(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : spellings_of(option)) names += (names.empty() ? "" : ", ") + bold(name);
  if (names.empty()) {
    names = italic(option.get_single_name());
  } else if (!is_flag(option)) {
    names += " " + italic(value_of(option));
  }
  std::string help = option.get_description();
  if (!option.get_default_str().empty()) help += " (default: " + option.get_default_str() + ")";
  return ".TP\n" + names + "\n" + escaped(help) + "\n";
}

std::string usage_of(const CLI::App& command, const std::string& path) {
  std::string text = bold(path);
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional() && option->get_required())
      text += " " + bold(spellings_of(*option).front()) + " " + italic(value_of(*option));
  }
  text += " [" + italic("options") + "]";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) text += " " + italic(option->get_single_name());
  }
  return text;
}

// A footer stands as it was written: its lines are aligned.
std::string preformatted(const std::string& text) {
  return ".PP\n.nf\n" + escaped(text) + "\n.fi\n";
}

void write_command(const CLI::App& command, const std::string& path, const std::string& inherited,
                   std::string& out) {
  const std::string footer = command.get_footer() == inherited ? "" : command.get_footer();
  const auto subcommands = commands_of(command);
  if (subcommands.empty()) {
    out += ".SS " + escaped(path) + "\n" + escaped(command.get_description()) + ".\n.PP\n" +
           usage_of(command, path) + "\n";
    for (const CLI::Option* option : command.get_options()) {
      if (option->check_name("--help")) continue;
      out += option_entry(*option);
    }
    if (!footer.empty()) out += preformatted(footer);
  }
  for (const CLI::App* next : subcommands) write_command(*next, path + " " + next->get_name(), footer, out);
}

// Of the sources when a package is made (reproducible-builds.org), else today.
std::string date_of_page() {
  WallTime time = SystemClock{}.wall();
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"))
    time = WallTime{std::chrono::seconds{std::strtoll(epoch, nullptr, 10)}};
  return to_iso8601(time).substr(0, 10);
}

}  // namespace

std::string manual_page(const CLI::App& app, const std::string& version, const std::string& date) {
  const std::string& name = app.get_name();
  std::string out = ".TH RANKLOOP 1 " + date + " \"rankloop " + escaped(version) + "\" \"User Commands\"\n";
  out += ".nh\n.ad l\n";  // names and URLs stay whole
  out += ".SH NAME\n" + name + " \\- rank a catalog, learn from what was picked, prove, promote\n";
  out += ".SH SYNOPSIS\n" + bold(name) + " " + italic("command") + " [" + italic("options") + "]\n";
  out += ".SH DESCRIPTION\n" + escaped(app.get_description()) + "\n";
  out += ".SH OPTIONS\n";
  for (const CLI::Option* option : app.get_options()) out += option_entry(*option);
  out += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(app)) {
    write_command(*command, command->get_name(), app.get_footer(), out);
  }
  out +=
      ".SH EXIT STATUS\n0 when it worked, 1 when it did not, 2 when it was asked for wrongly.\n"
      ".SH ENVIRONMENT\nEvery setting of " +
      bold("rankloop config") +
      " can be given as a variable that begins with RANKLOOP_, such as RANKLOOP_DATA_DIR; an option of the "
      "command "
      "goes before it.\n" +
      ".SH EXAMPLES\n.nf\n" + escaped(app.get_footer()) + "\n.fi\n";
  return out;
}

void add_manual(CLI::App& app, CommandResult& result) {
  CLI::App* command = app.add_subcommand("manual", "Print the manual page, rankloop(1)");
  command->group("");  // for packagers; people have man
  command->footer("Example:\n  rankloop manual | man -l -");
  command->callback([&app, &result] {
    std::cout << manual_page(app, server::version(), date_of_page()) << std::flush;
    result.exit_code = std::cout ? 0 : kFailed;
  });
}

}  // namespace rankloop::cli
