// Lists the kinds of feedback.
#include "domain/feedback_kinds.h"

namespace rankloop {

std::vector<std::string_view> feedback_kinds(std::span<const FeedbackRule> rules) {
  std::vector<std::string_view> kinds = {kPickKind, kNoneKind};
  for (const FeedbackRule& rule : rules) {
    if (rule.name != kPickKind) kinds.push_back(rule.name);
  }
  return kinds;
}

}  // namespace rankloop
