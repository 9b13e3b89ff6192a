// Where the checkout lies whose files a test reads, and the program that was built with the tests.
#pragma once

#include <string>

namespace rankloop {

// The path of a file or folder of the checkout, e.g. "db/rollbacks".
std::string in_checkout(const std::string& path);

}  // namespace rankloop
