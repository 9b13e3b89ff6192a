// Durations and sizes from text and back.
#include "domain/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace rankloop {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kDurations = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kSizes = {
    {{"GB", 1U << 30}, {"MB", 1U << 20}, {"KB", 1U << 10}, {"", 1}}};
constexpr double kTenYearsMs = 10.0 * 366 * 86'400'000;

struct Quantity {
  double number = 0;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  Quantity quantity;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), quantity.number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(quantity.number) || quantity.number < 0) return std::nullopt;
  quantity.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return quantity;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::optional<Quantity> quantity = split(text);
  if (!quantity) return std::nullopt;
  const std::string_view unit = quantity->unit.empty() ? "s" : quantity->unit;
  for (const auto& [name, milliseconds] : kDurations) {
    if (name != unit) continue;
    const double value = quantity->number * static_cast<double>(milliseconds);
    if (value > kTenYearsMs) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(value)};
  }
  return std::nullopt;
}

std::string to_text(std::chrono::milliseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& [name, milliseconds] : kDurations) {
    if (duration.count() % milliseconds == 0) {
      return std::to_string(duration.count() / milliseconds) + std::string{name};
    }
  }
  return std::to_string(duration.count()) + "ms";
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const std::optional<Quantity> quantity = split(text);
  if (!quantity) return std::nullopt;
  for (const auto& [name, bytes] : kSizes) {
    if (name != quantity->unit) continue;
    const double value = quantity->number * static_cast<double>(bytes);
    if (value > 9e15) return std::nullopt;
    return static_cast<std::uint64_t>(value);
  }
  return std::nullopt;
}

std::string bytes_to_text(std::uint64_t bytes) {
  for (const auto& [name, size] : kSizes) {
    if (bytes != 0 && bytes % size == 0) return std::to_string(bytes / size) + std::string{name};
  }
  return "0";
}

}  // namespace rankloop
