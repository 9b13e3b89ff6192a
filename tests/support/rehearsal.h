// A kind of task that the tests alone have: one line, and what stands on it is as of every other kind.
#pragma once

#include "domain/task.h"

namespace rankloop {

inline constexpr TaskKindTraits kRehearsal{TaskKind{40}, "rehearsal", true};

}  // namespace rankloop
