// How many files and connections the system lets this process have open.
#pragma once

#include <cstddef>

namespace rankloop::server {

// Raises the soft limit to the hard one and answers what holds now.
std::size_t raise_open_files();

// How many connections fit into `files` beside what the store, the log and the queue need.
std::size_t connections_within(std::size_t files);

}  // namespace rankloop::server
