// The names of what may be told: the kinds of a domain's feedback, and that none was chosen.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "domain/feedback.h"

namespace rankloop {

// Views of the rules; a pick and none come first.
std::vector<std::string_view> feedback_kinds(std::span<const FeedbackRule> rules);

}  // namespace rankloop
