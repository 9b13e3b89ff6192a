// The labelled training set: guests who each saw some places, and which one they picked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "error/result.h"
#include "ml/labelled_rows.h"
#include "simulate/places.h"
#include "simulate/profile.h"

namespace rankloop::simulate {

struct LabelledOptions {
  std::int64_t guests = 1000;
  int places_per_guest = 10;  // drawn with replacement, in random order
  std::uint64_t seed = kDefaultSeed;
  bool crosses = false;  // append the domain's crosses to its features
};

// guests x places_per_guest rows in guest order; the request of a row is its guest's number, from 0. At most
// one row of a guest has label 1. Deterministic by seed. `true_scores`, if asked for, gets the guest's own
// score of each row (choice.h): the bound of what a model can know. kInvalidArgument: the domain's schemas
// refuse the places or guests (it is not the default domain), no places, or counts below 1.
Result<ml::LabelledRows> make_labelled(const Domain& domain, std::span<const Place> places,
                                       const Profile& profile, const LabelledOptions& options,
                                       std::vector<double>* true_scores = nullptr);

// Rows [first, last) as tab-separated text: a header of the feature names, label and request, then a line a
// row. Crosses are not written: they follow from the features. With `true_scores`, one for each of the rows,
// the last column is `score`, so that the file can be judged as it stands.
std::string to_tsv(const Domain& domain, const ml::LabelledRows& rows, std::size_t first, std::size_t last,
                   std::span<const double> true_scores = {});

}  // namespace rankloop::simulate
