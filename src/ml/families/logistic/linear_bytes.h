// A linear function in an artefact.
#pragma once

#include <cstdint>

#include "ml/artefact.h"
#include "ml/families/logistic/linear.h"
#include "ml/feature_space.h"

namespace rankloop::ml {

inline constexpr std::uint32_t kLinearFormat = 1;
inline constexpr std::uint32_t kLinearWithBounds = 2;  // each input is followed by its bounds
inline constexpr std::uint32_t kLinearWithWords = 3;  // and by its absence; words and their weights come last
inline constexpr std::uint32_t kLinearWithPosterior = 4;  // and by its deviation; those of words come last

// The oldest format that holds it.
std::uint32_t linear_format_of(const Linear& linear);
void write_linear(ByteWriter& writer, const Linear& linear, std::uint32_t format);
// Not sound when the bytes are no function of this space, of numbers whose sums stay finite.
Linear read_linear(ByteReader& reader, const FeatureSpace& space, std::uint32_t format, bool& sound);

}  // namespace rankloop::ml
