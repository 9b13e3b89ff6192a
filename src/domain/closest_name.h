// "Did you mean ...?": the known name nearest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace rankloop {

// The name with the smallest edit distance (insert, delete, replace, swap two neighbours; capitals are no
// difference), when it is at most a third of the longer length; the first of equals.
std::optional<std::string_view> closest_name(std::string_view wanted,
                                             std::span<const std::string_view> known);

}  // namespace rankloop
