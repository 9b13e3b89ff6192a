// The envelope every model artefact is stored in: magic, family, format version of the family, feature
// fingerprint, calibration, payload, and a SHA-256 checksum over all of it. Numbers are little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "error/result.h"
#include "ml/calibration.h"

namespace rankloop::ml {

struct Artefact {
  std::string family;
  std::uint32_t format = 1;         // of the payload; counted by the family
  std::string feature_fingerprint;  // "" fits any domain
  Calibration calibration;
  std::string payload;  // the family's own
};

std::string seal_artefact(const Artefact& artefact);
// kDataLoss: not an artefact, of an unknown envelope, cut short or damaged, names that are long or invisible,
// a calibration that would not keep every order.
Result<Artefact> open_artefact(std::string_view bytes);

// Appends plain numbers and texts to a string of bytes.
class ByteWriter {
 public:
  void put(std::uint32_t number);
  void put(float number);
  void put(std::span<const float> numbers);
  void put(std::string_view text);  // with its length
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads them back. After the first read beyond the end ok() is false and every value is empty or 0.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  std::uint32_t get_number();
  float get_float();
  void get_floats(std::span<float> numbers);
  std::string_view get_text();
  std::size_t left() const { return ok_ ? rest_.size() : 0; }  // bytes
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  bool read(void* target, std::size_t size);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace rankloop::ml
