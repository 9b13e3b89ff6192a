// Writes a factorisation, and reads one from bytes that may be anything.
#include "ml/families/factorization/factor_bytes.h"

#include <algorithm>
#include <cmath>

#include "ml/families/logistic/linear_bytes.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

// Beyond these, products of sums could overflow in both directions and be no number.
constexpr float kLargestFactor = 1e4F;
constexpr float kLargestReach = 100;
constexpr float kLargestScale = 1e12F;
constexpr float kLargestWeight = 1e15F;

void write_key(ByteWriter& writer, std::uint64_t key) {
  writer.put(static_cast<std::uint32_t>(key));
  writer.put(static_cast<std::uint32_t>(key >> 32));
}

std::uint64_t read_key(ByteReader& reader) {
  const std::uint64_t low = reader.get_number();
  return low | (static_cast<std::uint64_t>(reader.get_number()) << 32);
}

// Reads `count` numbers; false when they are not there, not finite or too large.
bool read_numbers(ByteReader& reader, std::size_t count, float largest, std::vector<float>& numbers) {
  if (reader.left() < count * sizeof(float)) return false;
  numbers.resize(count);
  reader.get_floats(numbers);
  return std::ranges::all_of(numbers, [&](float number) { return std::abs(number) <= largest; });
}

// Keys in ascending order; false when they are not.
template <class Key, class Make>
bool read_keys(ByteReader& reader, std::size_t most, std::vector<Key>& keys, Make make) {
  const std::size_t count = reader.get_number();
  if (count > most || reader.left() < count * sizeof(std::uint64_t)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(make(read_key(reader)));
    if (i > 0 && !(keys[i - 1] < keys[i])) return false;
  }
  return true;
}

bool read_inputs(ByteReader& reader, const FeatureSpace& space, std::vector<FactorInput>& inputs) {
  const std::size_t count = reader.get_number();
  if (count > space.numbers_of_features()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    FactorInput input;
    input.column = reader.get_number();
    input.mean = reader.get_float();
    input.scale = reader.get_float();
    input.reach = reader.get_float();
    const bool sound = reader.ok() && input.column < space.numbers_of_features() &&
                       std::isfinite(input.mean) && input.scale > 0 && input.scale <= kLargestScale &&
                       input.reach >= 0 && input.reach <= kLargestReach;
    if (!sound) return false;
    inputs.push_back(input);
  }
  return true;
}

bool read_all(ByteReader& reader, const Domain& domain, Factorisation& of) {
  const FeatureSpace space(domain);
  bool sound = true;
  of.linear = read_linear(reader, space, kLinearWithWords, sound);
  if (!sound) return false;
  of.factors = reader.get_number();
  if (of.factors == 0 || of.factors > kMostFactors) return false;
  const std::size_t most = most_keys(of.factors);
  return read_inputs(reader, space, of.inputs) &&
         read_numbers(reader, 2 * of.inputs.size() * of.factors, kLargestFactor, of.of_inputs) &&
         read_numbers(reader, of.linear.words.size() * of.factors, kLargestFactor, of.of_words) &&
         read_keys(reader, most, of.items,
                   [](std::uint64_t key) { return ItemId{static_cast<std::int64_t>(key)}; }) &&
         read_numbers(reader, of.items.size(), kLargestWeight, of.item_weights) &&
         read_numbers(reader, of.items.size() * of.factors, kLargestFactor, of.of_items) &&
         read_keys(reader, most, of.people, [](std::uint64_t key) { return Person{key}; }) &&
         read_numbers(reader, of.people.size() * of.factors, kLargestFactor, of.of_people);
}

}  // namespace

std::string to_bytes(const Factorisation& of) {
  ByteWriter writer;
  write_linear(writer, of.linear, kLinearWithWords);
  writer.put(static_cast<std::uint32_t>(of.factors));
  writer.put(static_cast<std::uint32_t>(of.inputs.size()));
  for (const FactorInput& input : of.inputs) {
    writer.put(input.column);
    writer.put(input.mean);
    writer.put(input.scale);
    writer.put(input.reach);
  }
  writer.put(of.of_inputs);
  writer.put(of.of_words);
  writer.put(static_cast<std::uint32_t>(of.items.size()));
  for (const ItemId item : of.items) write_key(writer, static_cast<std::uint64_t>(item.value));
  writer.put(of.item_weights);
  writer.put(of.of_items);
  writer.put(static_cast<std::uint32_t>(of.people.size()));
  for (const Person person : of.people) write_key(writer, person);
  writer.put(of.of_people);
  return writer.take();
}

Result<Factorisation> factorisation_of(const Artefact& artefact, const Domain& domain) {
  if (artefact.format < 1 || artefact.format > kFactorFormat) {
    return Error(ErrorCode::kDataLoss, "the artefact of the factorization model has the unknown format " +
                                           std::to_string(artefact.format));
  }
  ByteReader reader(artefact.payload);
  Factorisation of;
  of.evened = artefact.format >= 2;
  if (!read_all(reader, domain, of) || !reader.at_end()) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the factorization model does not hold vectors of this domain, of finite "
                 "numbers");
  }
  return of;
}

}  // namespace rankloop::ml
