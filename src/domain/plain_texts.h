// Texts of a request that nothing is learned from and nothing decided by: a name, a remark. They are what may
// tell who a person is after the request was unlinked from the person's key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"

namespace rankloop {

// The strings and texts of a request that no feature, cross, rule or derived field reads.
std::vector<std::string> plain_texts(const Domain& domain);

// A stored payload of a request without these: an optional one is gone, a required one is nothing but
// dashes, as short as it may be. The payload as it is where it cannot be read.
std::string without_texts(const Domain& domain, const std::vector<std::string>& names,
                          std::string_view payload);

}  // namespace rankloop
