// The lineage as text, and its hash.
#include "app/learn/lineage.h"

#include <array>

#include <boost/json/parse.hpp>
#include <openssl/evp.h>

namespace rankloop::app {

std::string to_json(const Lineage& lineage) {
  std::string json = R"({"source":"ledger")";
  const auto add = [&](std::string_view name, std::int64_t number) {
    json += ",\"";
    json += name;
    json += "\":" + std::to_string(number);
  };
  add("first", lineage.first.value);
  add("trained_until", lineage.trained_until.value);
  add("last", lineage.last.value);
  add("requests", lineage.requests);
  add("none_chosen", lineage.none_chosen);
  add("without_outcome", lineage.without_outcome);
  add("picked_below", lineage.picked_below);
  add("unreadable", lineage.unreadable);
  add("imported", lineage.imported);
  add("randomised", lineage.randomised);
  if (lineage.imported_until) {
    add("imported_until", lineage.imported_until->time_since_epoch().count());
    add("imported_last", lineage.imported_last.value);
  }
  add("rows", lineage.rows);
  add("train_requests", lineage.train_requests);
  add("validation_requests", lineage.validation_requests);
  add("test_requests", lineage.test_requests);
  json += R"(,"hash":")" + lineage.hash + '"';
  return json;
}

std::optional<std::int64_t> number_in_lineage(const std::string& json, std::string_view name) {
  boost::system::error_code fault;
  const boost::json::value lineage = boost::json::parse(json, fault);
  if (fault || !lineage.is_object()) return std::nullopt;
  const boost::json::value* number = lineage.get_object().if_contains(name);
  return number != nullptr && number->is_int64() ? std::optional{number->get_int64()} : std::nullopt;
}

InferenceId request_in_lineage(const std::string& json, std::string_view name) {
  return {number_in_lineage(json, name).value_or(0)};
}

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context_->digest.get(), digest.data(), nullptr);
  std::string text;
  for (const unsigned char byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string hash_with_settings(const std::string& hash_of_rows, std::string_view settings) {
  Sha256 hash;
  hash.add(std::as_bytes(std::span(hash_of_rows)));
  hash.add(std::as_bytes(std::span(settings)));
  return hash.hex();
}

}  // namespace rankloop::app
