// The command top: asks, draws, waits, again.
#include "cli/top/top.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "cli/interruption.h"
#include "cli/registry.h"
#include "cli/serve.h"
#include "cli/top/loop_view.h"
#include "cli/top/screen.h"
#include "client/http_client.h"
#include "domain/units.h"
#include "server/data_directory.h"

namespace rankloop::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{50};  // how often keys, signals and the window's size are looked at
constexpr milliseconds kLeastInterval{100};

struct TopOptions {
  RegistryPlace place;
  std::string interval = "1s";
  bool json = false;
  bool once = false;
};

bool names_utf8(const char* locale) {
  const std::string_view name{locale};
  return name.ends_with("UTF-8") || name.ends_with("utf8") || name.ends_with("UTF8");
}

// The first of the variables that is set decides, as setlocale() has it.
bool speaks_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return names_utf8(value);
  }
  return false;
}

bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");  // no-color.org: any value but an empty one
  return refused == nullptr || *refused == '\0';
}

class Top {
 public:
  Top(std::string url, client::HttpClient server, milliseconds interval, std::stop_token stop)
      : url_(std::move(url)),
        interval_(interval),
        stop_(std::move(stop)),
        reader_(std::move(server), clock_) {}

  // On the terminal until a key or a signal ends it.
  void watch() {
    TerminalScreen screen;
    const ViewStyle style{wants_colour(), speaks_utf8()};
    while (!stop_.stop_requested()) {
      look();
      std::optional<ViewSize> drawn;
      const Monotonic until = clock_.monotonic() + interval_;
      do {
        const ViewSize size = window_size();
        if (!drawn || drawn->columns != size.columns || drawn->rows != size.rows) {
          screen.draw(screen_lines(history_, url_, fault_, size, style));
          drawn = size;
        }
        const char key = screen.key(kLook);
        if (key == 'q' || key == 'Q' || key == TerminalScreen::kClosed) return;
      } while (clock_.monotonic() < until && !stop_.stop_requested());
    }
  }

  // A line for each interval, until a signal or the reader ends it.
  int log(bool json) {
    look();
    while (pause()) {
      look();
      if (!fault_.empty()) {
        std::cerr << "rankloop: " << fault_ << "; trying again\n";
      } else if (!history_.rates().empty()) {
        print(json);
        if (!std::cout) return kFailed;
      }
    }
    return 0;
  }

  // Two looks, because a rate needs them.
  int once(bool json) {
    for (int i = 0; i < 2; ++i) {
      if (i > 0 && !pause()) return kFailed;
      if (const auto fault = look()) return complain(*fault);
    }
    print(json);
    return std::cout ? 0 : kFailed;
  }

 private:
  // Nothing, or why the server did not answer.
  std::optional<Error> look() {
    auto state = reader_.read();
    fault_ = state ? std::string{} : state.error().message;
    if (!state) return state.error();
    history_.add(*std::move(state));
    return std::nullopt;
  }

  void print(bool json) { std::cout << (json ? to_json(history_, url_) : plain_line(history_)) << std::endl; }

  // False when it is to end.
  bool pause() const {
    const Monotonic until = clock_.monotonic() + interval_;
    while (clock_.monotonic() < until && !stop_.stop_requested()) std::this_thread::sleep_for(kLook);
    return !stop_.stop_requested();
  }

  const std::string url_;
  const milliseconds interval_;
  const std::stop_token stop_;
  const SystemClock clock_;
  LoopReader reader_;
  LoopHistory history_;
  std::string fault_;
};

int run_top(const TopOptions& options) {
  const auto interval = parse_duration(options.interval);
  if (!interval || *interval < kLeastInterval) {
    return complain({ErrorCode::kInvalidArgument, "--interval has '" + options.interval +
                                                      "'; allowed is a duration from 100ms on, such as 1s"});
  }
  const auto settings = read_settings(options.place.config_file, options.place.settings);
  if (!settings) return complain(settings.error());
  const std::string url = server_to_ask(options.place, *settings);
  auto server = client::HttpClient::of(url, settings->auth_token);
  if (!server) return complain(server.error());

  std::signal(SIGPIPE, SIG_IGN);
  const Interruption interruption({SIGQUIT});
  Top top{url, *std::move(server), *interval, interruption.token()};
  if (options.once) return top.once(options.json);
  if (options.json || !has_screen()) return top.log(options.json);
  top.watch();
  return 0;
}

}  // namespace

void add_top(CLI::App& app, CommandResult& result) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command = app.add_subcommand("top", "Watch a running server: rates, latency, models, trainings");
  add_server_options(*command, options->place);
  command->add_option("--interval", options->interval, "Time between two looks, such as 500ms or 2s")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_flag("--once", options->once, "Look once (twice, an interval apart, for the rates) and end");
  command->add_flag("--json", options->json, "A JSON object a line instead of the screen");
  command->footer(
      "'q' ends it. Without a terminal it prints a line for each interval. Colours go with NO_COLOR=1.\n"
      "Counts are of the process that answers, since it started.\n\n"
      "Examples:\n"
      "  rankloop top\n"
      "  rankloop top --url http://127.0.0.1:4789 --interval 2s\n"
      "  rankloop top --once --json\n"
      "\n"
      "Exit status: 0, 1 when --once got no answer, 2 for wrong input.");
  command->callback([options, &result] { result.exit_code = run_top(*options); });
}

}  // namespace rankloop::cli
