// What may be told to a model family's training: one table for the settings, the command line and the API.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::ml {

struct Hyperparameter {
  std::string_view name;  // "gbdt.depth": the family, then its own name
  double preset = 0;
  double minimum = 0;
  double maximum = 0;
  bool whole = false;  // a whole number
  std::string_view help;
  // Where a search looks, on a logarithmic scale where the range spans orders of magnitude. Without a range
  // it is not searched: its preset chooses it by other means.
  struct Search {
    double low = 0;
    double high = 0;
    bool logarithmic = false;
  };
  std::optional<Search> search{};
  std::string_view family() const { return name.substr(0, name.find('.')); }
};

std::span<const Hyperparameter> hyperparameters();

// By name; those that are not in it stand at their presets.
using Hyperparameters = std::map<std::string, double, std::less<>>;

// What stands in the map, or the preset. The name is one of the table.
double value_of(const Hyperparameters& given, std::string_view name);

// kInvalidArgument: an unknown name, with the one that may have been meant; a value out of range.
Status check_hyperparameter(std::string_view name, double value);

// "gbdt.depth=8, mlp.epochs=40": pairs separated by commas or blanks. Errors as check_hyperparameter(), and a
// pair or a number that is none.
Result<Hyperparameters> parse_hyperparameters(std::string_view text);

// "gbdt.depth (0 to 12, preset 0): levels of a tree; 0: 3 and 6 are tried", a line for each of the table.
std::vector<std::string> described_hyperparameters();

// {"gbdt.depth":8}
std::string to_json(const Hyperparameters& given);

}  // namespace rankloop::ml
