// What a comparison can find: how small a difference its requests prove, and how many requests a smaller one
// takes. Two-sided z tests of a mean (Cohen, "Statistical power analysis for the behavioral sciences", 1988,
// chapter 2). Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "ml/bootstrap.h"

namespace rankloop::ml {

struct PowerQuestion {
  double confidence = 0.95;  // of the two-sided interval that proves
  double margin = 0;         // that its lower end has to pass
  double effect = 0.02;      // the difference worth finding, above 0, on top of the margin
  std::size_t least = 0;     // requests are asked for in any case
};

// In four of five cases.
struct Power {
  double detectable = 0;     // the difference that as many requests prove
  double effect = 0;         // the difference worth finding ...
  std::size_t requests = 0;  // ... and the requests that prove it
  // The share of the test requests that has to be in random order for so many; above 1: all are too few.
  // Empty: their order does not matter.
  std::optional<double> randomised_share{};
};

// `error` is the standard error of the mean difference of `requests` requests, both above 0.
Power power_of(const PowerQuestion& question, double error, std::size_t requests);

}  // namespace rankloop::ml
