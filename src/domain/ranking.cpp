// Candidates that name nothing, as lines.
#include "domain/ranking.h"

#include <algorithm>

namespace rankloop {

std::string lines_of(const std::vector<std::string>& unknown) {
  std::string lines;
  for (const std::string& text : unknown) lines.append(text) += '\n';
  return lines;
}

void append_unknown(std::string_view lines, std::vector<LeftOut>& left_out) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    left_out.push_back({{}, LeftOutReason::kUnknown, std::string{line}});
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
}

}  // namespace rankloop
