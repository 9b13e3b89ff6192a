// The kinds of tasks as words of the description.
#pragma once

#include <string_view>
#include <vector>

#include "domain/task.h"

namespace rankloop::http {

inline std::vector<std::string_view> task_kind_words() {
  std::vector<std::string_view> words;
  for (const TaskKindTraits& kind : kTaskKinds) words.push_back(kind.name);
  return words;
}

}  // namespace rankloop::http
