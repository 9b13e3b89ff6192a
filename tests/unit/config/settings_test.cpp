// Where settings come from, and what is refused.
#include "config/settings.h"

#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/units.h"
#include "support/temporary_folder.h"

namespace rankloop::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TemporaryFolder;

Sources from_file(const TemporaryFolder& folder, const std::string& text) {
  Sources sources;
  sources.file = folder.file("rankloop.toml", text);
  return sources;
}

Sources from_environment(std::map<std::string, std::string> variables) {
  Sources sources;
  sources.environment = [variables =
                             std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional{at->second};
  };
  return sources;
}

Sources from_command_line(std::map<std::string, std::string> options) {
  Sources sources;
  sources.command_line = std::move(options);
  return sources;
}

std::string fault_of(const Sources& sources) {
  const Result<Settings> settings = load_settings(sources);
  EXPECT_FALSE(settings);
  if (settings) return "";
  EXPECT_EQ(settings.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(settings.error().detail, "");
  return settings.error().message;
}

// A setting as text, for comparing.
std::string shown(const Settings& settings, const Option& option) {
  struct Show {
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const {
      std::ostringstream text;
      text << number;
      return text.str();
    }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::chrono::milliseconds duration) const { return to_text(duration); }
    std::string operator()(Bytes bytes) const { return bytes_to_text(bytes.count); }
  };
  return std::visit([&](auto member) { return Show{}(settings.*member); }, option.field);
}

// Its default in the same form.
std::string preset_of(const Option& option) {
  const std::string preset{option.preset};
  const bool duration = std::holds_alternative<std::chrono::milliseconds Settings::*>(option.field);
  return duration ? to_text(parse_duration(preset).value()) : preset;
}

// The sample with the '#' taken from every line that is a setting.
std::string uncommented_sample() {
  std::istringstream lines{sample_file({})};
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    const bool setting = line.starts_with("# ") && equals != std::string::npos &&
                         line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2) == equals;
    text += (setting ? line.substr(2) : line) + "\n";
  }
  return text;
}

TEST(Settings, AreTheDefaultsWithoutAnySource) {
  const Result<Settings> settings = load_settings({});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->listen, "127.0.0.1:4789");
  EXPECT_EQ(settings->workers, 1);
  EXPECT_EQ(settings->http_max_body.count, 1U << 20);
  for (const Option& option : options()) EXPECT_EQ(shown(*settings, option), preset_of(option)) << option.key;
}

TEST(Settings, AreTakenFromTheLatestSource) {
  const TemporaryFolder folder;
  Sources sources =
      from_file(folder, "workers = 2\nranking.best = 20\nlisten = '127.0.0.1:2'\n[tasks]\nlease = '2s'\n");
  sources.environment = from_environment({{"RANKLOOP_RANKING_BEST", "30"},
                                          {"RANKLOOP_LISTEN", "127.0.0.1:3"},
                                          {"RANKLOOP_TASKS_MAX_ATTEMPTS", "3"}})
                            .environment;
  sources.command_line = {{"listen", "127.0.0.1:4"}};
  const Result<Settings> settings = load_settings(sources);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->store, "");   // nobody says
  EXPECT_EQ(settings->workers, 2);  // the file
  EXPECT_EQ(settings->tasks_lease, std::chrono::seconds{2});
  EXPECT_EQ(settings->ranking_best, 30);  // the environment over the file
  EXPECT_EQ(settings->tasks_max_attempts, 3);
  EXPECT_EQ(settings->listen, "127.0.0.1:4");  // the command line over both
  const std::map<std::string, std::string, std::less<>> from = {{"workers", "file"},
                                                                {"tasks.lease", "file"},
                                                                {"ranking.best", "environment"},
                                                                {"tasks.max_attempts", "environment"},
                                                                {"listen", "command line"}};
  EXPECT_EQ(settings->taken_from, from);
}

TEST(Settings, AreWrittenAsOneWouldWriteThem) {
  const TemporaryFolder folder;
  const Result<Settings> settings = load_settings(
      from_file(folder,
                "workers = 3\ndemo = true\nlisten = '127.0.0.1:2'\n[gate]\nmargin = 0.01\n[tasks]\n"
                "lease = '90s'\n[http]\nmax_body = '3MB'\n"));
  ASSERT_TRUE(settings) << settings.error().message;
  std::map<std::string_view, std::string> texts;
  for (const Option& option : options()) texts[option.key] = text_of(*settings, option);
  EXPECT_EQ(texts["workers"], "3");
  EXPECT_EQ(texts["demo"], "true");
  EXPECT_EQ(texts["listen"], "127.0.0.1:2");
  EXPECT_EQ(texts["gate.margin"], "0.01");
  EXPECT_EQ(texts["tasks.lease"], "90s");
  EXPECT_EQ(texts["http.max_body"], "3MB");
}

TEST(Settings, TakeEveryTypeFromAFile) {
  const TemporaryFolder folder;
  const Result<Settings> settings = load_settings(from_file(
      folder,
      "empty = true\nworkers = 0\n[shutdown]\ngrace = 1.5\n[http]\nmax_body = 2048\nmax_import = '2MB'\n"
      "[log]\nlevel = 'debug'\n"));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->empty);
  EXPECT_EQ(settings->workers, 0);
  EXPECT_EQ(settings->shutdown_grace, std::chrono::milliseconds{1'500});
  EXPECT_EQ(settings->http_max_body.count, 2'048U);
  EXPECT_EQ(settings->http_max_import.count, 2U << 20);
  EXPECT_EQ(settings->log_level, "debug");
}

TEST(Settings, NameSourceKeyValueAndWhatIsAllowed) {
  const TemporaryFolder folder;
  const Sources file = from_file(folder, "# first\nworkers = 65\n");
  EXPECT_EQ(fault_of(file), file.file + ":2: workers is '65'; allowed is a whole number, 0 to 64");
  EXPECT_EQ(fault_of(from_environment({{"RANKLOOP_LOG_LEVEL", "loud"}})),
            "RANKLOOP_LOG_LEVEL: log.level is 'loud'; allowed is one of debug, info, warning, error, off");
  EXPECT_EQ(fault_of(from_command_line({{"empty", "maybe"}})),
            "command line: empty is 'maybe'; allowed is true or false");
  EXPECT_EQ(fault_of(from_command_line({{"tasks.lease", "10"}, {"workers", "1"}, {"http.max_body", "1"}})),
            "command line: http.max_body is '1'; allowed is a size such as 512KB, 64MB or 2GB, 1KB to 1GB");
  EXPECT_EQ(fault_of(from_environment({{"RANKLOOP_TASKS_LEASE", "999ms"}})),
            "RANKLOOP_TASKS_LEASE: tasks.lease is '999ms'; allowed is a duration such as 500ms, 30s or 24h, "
            "1s to 1d");
}

TEST(Settings, RefuseNumbersThatAreNone) {
  for (const char* text : {"", "1.0", "-1", "+1", " 1", "1x", "99999999999999999999"}) {
    EXPECT_THAT(fault_of(from_command_line({{"workers", text}})),
                HasSubstr("workers is '" + std::string{text} + "'"));
  }
}

// The ends of every range are allowed and one step beyond is not.
TEST(Settings, HoldEveryRangeAtItsEnds) {
  for (const Option& option : options()) {
    if (option.maximum == 0) continue;
    const bool duration = std::holds_alternative<std::chrono::milliseconds Settings::*>(option.field);
    const auto given = [&](std::int64_t value) {
      return from_command_line({{std::string{option.key}, std::to_string(value) + (duration ? "ms" : "")}});
    };
    EXPECT_TRUE(load_settings(given(option.minimum))) << option.key;
    EXPECT_TRUE(load_settings(given(option.maximum))) << option.key;
    EXPECT_THAT(fault_of(given(option.maximum + 1)), HasSubstr("allowed is")) << option.key;
    EXPECT_THAT(fault_of(given(option.minimum - 1)), HasSubstr("allowed is")) << option.key;
  }
}

TEST(Settings, SuggestTheNearestKey) {
  const TemporaryFolder folder;
  const Sources file = from_file(folder, "[tasks]\nmax_wiating = 3\n");
  EXPECT_EQ(fault_of(file),
            file.file + ":2: there is no setting 'tasks.max_wiating'; did you mean 'tasks.max_waiting'?");
  EXPECT_EQ(fault_of(from_command_line({{"colour", "red"}})), "command line: there is no setting 'colour'");
}

TEST(Settings, RefuseATableOrAListInPlaceOfAValue) {
  const TemporaryFolder folder;
  EXPECT_THAT(fault_of(from_file(folder, "listen.port = 80\n")),
              HasSubstr("there is no setting 'listen.port'"));
  EXPECT_THAT(fault_of(from_file(folder, "log = 'debug'\n")), HasSubstr("there is no setting 'log'"));
  EXPECT_THAT(fault_of(from_file(folder, "workers = 2026-03-01\n")),
              HasSubstr("workers is a list or a date"));
  // Must not be taken for an empty token, which lets everybody in.
  const std::string fault = fault_of(from_file(folder, "\n[auth]\ntoken = ['hush']\n"));
  EXPECT_THAT(fault, HasSubstr(":3: auth.token is a list or a date"));
  EXPECT_THAT(fault, Not(HasSubstr("hush")));
}

TEST(Settings, NameTheLineOfAFileThatIsNoToml) {
  const TemporaryFolder folder;
  const Sources sources = from_file(folder, "workers = 1\n[auth]\ntoken = hush-hush\n");
  const std::string fault = fault_of(sources);
  EXPECT_THAT(fault, HasSubstr(sources.file + ":3: "));
  EXPECT_THAT(fault, Not(HasSubstr("hush-hush")));
}

TEST(Settings, SayWhenTheFileIsNotThere) {
  Sources sources;
  sources.file = "/nowhere/rankloop.toml";
  const Result<Settings> settings = load_settings(sources);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(settings.error().message, HasSubstr("/nowhere/rankloop.toml"));
}

TEST(Settings, TakeTheFirstFaultOfTheEnvironmentWithoutItsSecrets) {
  const std::string fault = fault_of(
      from_environment({{"RANKLOOP_AUTH_TOKEN", "hush-hush-hush-hush"}, {"RANKLOOP_WORKERS", "many"}}));
  EXPECT_THAT(fault, HasSubstr("workers is 'many'"));
  EXPECT_THAT(fault, Not(HasSubstr("hush-hush")));
}

TEST(Settings, AllowTheFamiliesThatTheyAreTold) {
  Sources sources = from_command_line({{"training.family", "forest"}});
  EXPECT_TRUE(load_settings(sources));
  sources.families = {"logistic", "mlp"};
  EXPECT_THAT(fault_of(sources), HasSubstr("training.family is 'forest'; allowed is one of logistic, mlp"));
  EXPECT_THAT(sample_file(sources.families), HasSubstr("when it is not told. One of logistic mlp."));
}

TEST(Settings, RefuseATokenThatCouldBeGuessed) {
  for (const char* variable : {"RANKLOOP_AUTH_TOKEN", "RANKLOOP_AUTH_GUEST_TOKEN"}) {
    const std::string fault = fault_of(from_environment({{variable, "fifteen-letters"}}));
    EXPECT_THAT(fault, HasSubstr("is '***'; allowed is nothing, or at least 16 characters"));
    EXPECT_TRUE(load_settings(from_environment({{variable, "sixteen-letters-"}})));
    EXPECT_TRUE(load_settings(from_environment({{variable, ""}})));
  }
}

TEST(Settings, RefuseAVariableThatIsNoneOfOurs) {
  Sources sources;
  sources.variables = {"RANKLOOP_WORKERS", "RANKLOOP_TASKS_LEESE"};
  EXPECT_THAT(fault_of(sources), HasSubstr("'RANKLOOP_TASKS_LEESE'; did you mean 'RANKLOOP_TASKS_LEASE'?"));
  sources.variables = {"RANKLOOP_NONSENSE"};
  EXPECT_THAT(fault_of(sources), HasSubstr("there is no setting 'RANKLOOP_NONSENSE' ("));
}

// What a cluster sets beside a service of this name, and what the scripts around the program are told.
TEST(Settings, LeaveVariablesOfOthersAlone) {
  Sources sources;
  sources.variables = {"RANKLOOP_SERVICE_HOST",  "RANKLOOP_SERVICE_PORT", "RANKLOOP_PORT",
                       "RANKLOOP_PORT_4789_TCP", "RANKLOOP_BINARY",       "RANKLOOP_AUTH_TOKEN"};
  EXPECT_TRUE(load_settings(sources));
}

TEST(Options, HaveKeysVariablesAndHelpOfTheirOwn) {
  std::set<std::string> names;
  for (const Option& option : options()) {
    EXPECT_TRUE(names.insert(environment_name(option)).second) << option.key;
    EXPECT_FALSE(option.help.empty()) << option.key;
    EXPECT_TRUE(option.help.ends_with('.')) << option.key;
  }
  EXPECT_TRUE(names.contains("RANKLOOP_TASKS_MAX_WAITING"));
}

TEST(Options, KeepWhatIsSecretOutOfTheSample) {
  std::set<std::string_view> secrets;
  for (const Option& option : options()) {
    if (option.secret) {
      secrets.insert(option.key);
      EXPECT_TRUE(option.preset.empty() || option.preset == "memory:") << option.key;
    }
  }
  EXPECT_TRUE(secrets.contains("auth.token"));
}

TEST(SampleFile, ShowsEveryOptionWithItsHelp) {
  const std::string sample = sample_file({});
  for (const Option& option : options()) {
    const std::string key{option.key.substr(option.key.find('.') + 1)};
    EXPECT_THAT(sample, HasSubstr("\n# " + key + " = ")) << option.key;
    EXPECT_THAT(sample, HasSubstr("\n# " + std::string{option.help})) << option.key;
  }
}

TEST(SampleFile, LoadsToTheDefaultsAsItStandsAndWithEveryLineInForce) {
  const TemporaryFolder folder;
  const std::string in_force = uncommented_sample();
  EXPECT_EQ(sample_file({}).size() - in_force.size(), 2 * options().size());  // every "# " is gone
  for (const std::string& text : {sample_file({}), in_force}) {
    const Result<Settings> settings = load_settings(from_file(folder, text));
    ASSERT_TRUE(settings) << settings.error().message;
    for (const Option& option : options())
      EXPECT_EQ(shown(*settings, option), preset_of(option)) << option.key;
  }
}

TEST(Settings, TakePairsAsATable) {
  const TemporaryFolder folder;
  const auto pairs = [&](const std::string& text) {
    const Result<Settings> settings = load_settings(from_file(folder, text));
    return settings ? settings->training_hyperparameters : settings.error().message;
  };
  EXPECT_EQ(pairs("[training]\nhyperparameters = 'gbdt.depth=8'\n"), "gbdt.depth=8");
  EXPECT_EQ(pairs("[training.hyperparameters]\ngbdt.depth = 8\nmlp.dropout = 0.25\n"),
            "gbdt.depth=8, mlp.dropout=0.25");
  EXPECT_EQ(pairs("[training.hyperparameters.gbdt]\ndepth = 8\ntrees = 20\n"), "gbdt.depth=8, gbdt.trees=20");
  EXPECT_EQ(pairs("[training.hyperparameters]\n"), "");
  EXPECT_THAT(pairs("[training.hyperparameters]\ngbdt.depth = 'deep'\n"),
              HasSubstr("training.hyperparameters has something that is no number"));
  EXPECT_THAT(pairs("[listen]\nport = 8\n"), HasSubstr("there is no setting 'listen.port'"));
}

TEST(SampleFile, ShowsWhatMayStandInATableOfPairs) {
  const std::vector<std::string> pairs = {"gbdt.depth (0 to 12)", "mlp.epochs (0 to 10000)"};
  EXPECT_THAT(sample_file({}, pairs),
              HasSubstr("a table of its own.\n#   gbdt.depth (0 to 12)\n#   mlp.epochs (0 to 10000)\n"
                        "# hyperparameters = \"\"\n"));
}

}  // namespace
}  // namespace rankloop::config
