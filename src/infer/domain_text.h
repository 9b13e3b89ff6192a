// A draft as the commented text of a domain file.
#pragma once

#include <string>

#include "infer/domain_draft.h"

namespace rankloop::infer {

std::string text_of(const Draft& draft, const Inferred& inferred, const Sources& sources);

}  // namespace rankloop::infer
