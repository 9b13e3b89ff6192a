// What `rankloop quickstart` is told.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "cli/table_options.h"

namespace rankloop::cli {

struct QuickstartOptions {
  std::string items;
  std::string history;    // empty: none
  std::string requests;   // likewise
  std::string id_column;  // of the items; empty: the one that looks like it, or as the domain names it
  std::vector<std::string> families;  // empty: all
  std::size_t trials = 0;             // of each family's search for hyperparameters
  bool no_serve = false;
  bool json = false;
  TableOptions table;
  std::string config_file;
  std::map<std::string, std::string> settings;
};

}  // namespace rankloop::cli
