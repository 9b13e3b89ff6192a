// What libraries and the language itself throw, as an Error: for the edges of threads, which have to go on.
#pragma once

#include <type_traits>

#include "error/result.h"

namespace rankloop {

// kResourceExhausted: what is said of work that needed more memory than there is. It may succeed a moment
// later.
Error out_of_memory();

// Of the exception that is being handled, so inside a catch block only. Memory is out: out_of_memory();
// anything else is kInternal with the exception's words as its detail.
Error caught();

// Answers what `work` does (a Status, or nothing); what it throws comes back as caught().
template <class Work>
Status without_throwing(const Work& work) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<const Work&>>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (...) {
    return caught();
  }
}

}  // namespace rankloop
