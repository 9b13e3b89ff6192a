// Puts the faults of an error into one line.
#include "app/serve/in_words.h"

namespace rankloop::app {

std::string in_words(const Error& error) {
  if (error.faults.empty()) return error.message;
  std::string words;
  for (const FieldFault& fault : error.faults) {
    if (!words.empty()) words += "; ";
    for (std::size_t i = fault.loc.size() > 1 ? 1 : 0; i < fault.loc.size(); ++i) {
      words += fault.loc[i] + (i + 1 < fault.loc.size() ? "." : ": ");
    }
    words += fault.msg;
  }
  return words;
}

}  // namespace rankloop::app
