// Reads the field and weighs gzip against identity.
#include "http/accept_encoding.h"

#include <charconv>
#include <optional>

#include "http/ascii.h"

namespace rankloop::http {

namespace {

// Thousandths: "0.5" is 500. Nothing when it is no weight.
std::optional<int> weight_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  int place = 100;
  for (const char digit : text.substr(text.size() > 1 ? 2 : 1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    weight += (digit - '0') * place;
    place /= 10;
  }
  return weight > 1000 ? std::nullopt : std::optional<int>(weight);
}

// Of "gzip;q=0.5": without a weight it is 1; with one that is none, the coding is not taken.
int weight_of_coding(std::string_view parameters) {
  while (!parameters.empty()) {
    parameters.remove_prefix(1);  // the semicolon
    const auto end = parameters.find(';');
    const std::string_view parameter = trim(parameters.substr(0, end));
    if (equal_ignoring_case(parameter.substr(0, 2), "q=")) return weight_of(parameter.substr(2)).value_or(0);
    parameters = end == std::string_view::npos ? std::string_view() : parameters.substr(end);
  }
  return 1000;
}

}  // namespace

bool takes_gzip(std::string_view field) {
  std::optional<int> gzip;
  std::optional<int> any;
  std::optional<int> plain;
  while (!field.empty()) {
    const auto end = field.find(',');
    const std::string_view element = trim(field.substr(0, end));
    field = end == std::string_view::npos ? std::string_view() : field.substr(end + 1);
    const auto semicolon = element.find(';');
    const std::string_view coding = trim(element.substr(0, semicolon));
    const int weight =
        semicolon == std::string_view::npos ? 1000 : weight_of_coding(element.substr(semicolon));
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) gzip = weight;
    if (coding == "*") any = weight;
    if (equal_ignoring_case(coding, "identity")) plain = weight;
  }
  const int liked = gzip.value_or(any.value_or(0));
  return liked > 0 && liked >= plain.value_or(0);
}

bool names_tag(std::string_view field, std::string_view tag) {
  while (!field.empty()) {
    const auto end = field.find(',');
    std::string_view element = trim(field.substr(0, end));
    field = end == std::string_view::npos ? std::string_view() : field.substr(end + 1);
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == "*" || element == tag) return true;
  }
  return false;
}

}  // namespace rankloop::http
