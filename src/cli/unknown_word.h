// What to say when the command line has a command or an option that there is not.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace rankloop::cli {

// After a parse that failed: names the first word that nothing took, what it may have been meant to be, and
// what there is. Nothing when every word was taken, or the word is no command or option but a value too many.
std::optional<std::string> explain_unknown_word(const CLI::App& app);

}  // namespace rankloop::cli
