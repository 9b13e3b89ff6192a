// What a history says, in plain English, for people who look at its values.
#pragma once

#include <string>
#include <string_view>

#include "domain/domain.h"

namespace rankloop {

// "How often this thing was shown in the last 7 days." The words of the domain name what is counted.
std::string meaning_of(const Domain& domain, const HistoryFeature& feature);

// What a value is: "times", "value" (of what comes with a kind), "rate" (so many for each other), "days",
// "share" (0 to 1), "words" or "items" (a list, the latest first).
std::string_view unit_of(const HistoryFeature& feature);

}  // namespace rankloop
