// Commands, options and exit codes.
#include "cli/command_line.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/serve.h"
#include "ml/hyperparameters.h"
#include "support/checkout.h"

namespace rankloop::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int code = 0;
  std::string errors;  // on standard error
};

Outcome run_with(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "rankloop");
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const int code = run(static_cast<int>(arguments.size()), arguments.data());
  ::testing::internal::GetCapturedStdout();
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(CommandLine, NamesAnUnknownCommandAndTheNearest) {
  const Outcome outcome = run_with({"sreve"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("rankloop: there is no command 'sreve'; did you mean 'serve'?"),
                                    HasSubstr("simulate")));
}

TEST(CommandLine, SuggestsNothingThatIsFarAway) {
  const Outcome outcome = run_with({"frobnicate"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("no command 'frobnicate'\n"), Not(HasSubstr("did you mean"))));
}

TEST(CommandLine, NamesAnUnknownCommandOfACommand) {
  const Outcome outcome = run_with({"simulate", "trafic"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("'simulate' has no command 'trafic'; did you mean 'traffic'?"));
}

TEST(CommandLine, NamesAnUnknownOptionAndTheNearest) {
  const Outcome outcome = run_with({"simulate", "traffic", "--journey=7"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.errors,
              HasSubstr("'simulate traffic' has no option '--journey'; did you mean '--journeys'?"));
  EXPECT_THAT(run_with({"--versoin"}).errors,
              HasSubstr("there is no option '--versoin'; did you mean '--version'?"));
}

TEST(SampleFile, IsTheOneInTheSourceTree) {
  std::ifstream in{in_checkout("config/rankloop.toml"), std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), config::sample_file(family_names(), ml::described_hyperparameters()))
      << "make it again: rankloop config > config/rankloop.toml";
}

TEST(CommandLine, AnswersHelpWithSuccess) {
  EXPECT_EQ(run_with({"--help"}).code, 0);
  EXPECT_EQ(run_with({"simulate", "traffic", "--help"}).code, 0);
}

}  // namespace
}  // namespace rankloop::cli
