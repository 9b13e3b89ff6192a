// Faults for programs that get one text.
#pragma once

#include <string>

#include "error/result.h"

namespace rankloop::app {

// Every fault of every field, in one line.
std::string in_words(const Error& error);

}  // namespace rankloop::app
