// Writes the envelope and checks one that is read.
#include "ml/artefact.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include <openssl/sha.h>

namespace rankloop::ml {
namespace {

static_assert(std::endian::native == std::endian::little, "artefacts are written as they stand in memory");

constexpr std::string_view kMagic = "RANKLOOP-MODEL\n";
constexpr std::uint32_t kEnvelope = 2;

constexpr std::size_t kMostName = 64;  // bytes of a family's name or of a fingerprint

// Names come back in messages, so they are short and of visible characters.
bool is_name(std::string_view text) {
  return text.size() <= kMostName &&
         std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

std::string checksum(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {digest.begin(), digest.end()};
}

}  // namespace

void ByteWriter::put(std::uint32_t number) {
  bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void ByteWriter::put(float number) {
  put(std::span<const float>(&number, 1));
}

void ByteWriter::put(std::span<const float> numbers) {
  bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

void ByteWriter::put(std::string_view text) {
  put(static_cast<std::uint32_t>(text.size()));
  bytes_.append(text);
}

bool ByteReader::read(void* target, std::size_t size) {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    return false;
  }
  if (size > 0) std::memcpy(target, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

std::uint32_t ByteReader::get_number() {
  std::uint32_t number = 0;
  return read(&number, sizeof number) ? number : 0;
}

float ByteReader::get_float() {
  float number = 0;
  return read(&number, sizeof number) ? number : 0;
}

void ByteReader::get_floats(std::span<float> numbers) {
  read(numbers.data(), numbers.size_bytes());
}

std::string_view ByteReader::get_text() {
  const std::size_t size = get_number();
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

std::string seal_artefact(const Artefact& artefact) {
  ByteWriter writer;
  writer.put(kEnvelope);
  writer.put(artefact.family);
  writer.put(artefact.format);
  writer.put(artefact.feature_fingerprint);
  writer.put(artefact.calibration.slope);
  writer.put(artefact.calibration.intercept);
  writer.put(artefact.payload);
  std::string bytes(kMagic);
  bytes += writer.take();
  bytes += checksum(bytes);
  return bytes;
}

Result<Artefact> open_artefact(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + SHA256_DIGEST_LENGTH) {
    return Error(ErrorCode::kDataLoss, "these bytes are not a model artefact of rankloop");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - SHA256_DIGEST_LENGTH);
  if (bytes.substr(body.size()) != checksum(body)) {
    return Error(ErrorCode::kDataLoss, "the model artefact is damaged: its checksum does not match");
  }
  ByteReader reader(body.substr(kMagic.size()));
  const std::uint32_t envelope = reader.get_number();
  if (envelope != kEnvelope) {
    return Error(ErrorCode::kDataLoss, "the model artefact has envelope version " + std::to_string(envelope) +
                                           ", this program reads version " + std::to_string(kEnvelope));
  }
  Artefact artefact;
  const std::string_view family = reader.get_text();
  artefact.format = reader.get_number();
  const std::string_view fingerprint = reader.get_text();
  artefact.calibration.slope = reader.get_float();
  artefact.calibration.intercept = reader.get_float();
  const std::string_view payload = reader.get_text();
  if (!reader.at_end()) return Error(ErrorCode::kDataLoss, "the model artefact does not end where it should");
  if (!is_name(family) || !is_name(fingerprint)) {
    return Error(ErrorCode::kDataLoss,
                 "the model artefact has a family or a fingerprint that is not up to 64 visible characters");
  }
  const Calibration& calibration = artefact.calibration;
  if (!std::isfinite(calibration.slope) || calibration.slope <= 0 || !std::isfinite(calibration.intercept)) {
    return Error(ErrorCode::kDataLoss,
                 "the model artefact has a calibration whose slope is not above 0, or that is not finite");
  }
  artefact.family = family;
  artefact.feature_fingerprint = fingerprint;
  artefact.payload = payload;
  return artefact;
}

}  // namespace rankloop::ml
