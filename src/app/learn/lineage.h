// Where a model came from; kept with it as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/clock.h"
#include "domain/ids.h"

namespace rankloop::app {

// Of the dataset.
struct Lineage {
  InferenceId first;          // of the requests with an outcome
  InferenceId trained_until;  // the last one of our own that a model may have learned from (validation too)
  InferenceId last;
  std::int64_t requests = 0;  // with an outcome
  std::int64_t none_chosen = 0;
  std::int64_t without_outcome = 0;  // shown, but nobody said what became of it
  std::int64_t picked_below = 0;     // of them, with picks, all of them below the ranks that count as shown
  std::int64_t unreadable = 0;       // stored under an older domain version that this one cannot read
  std::int64_t imported = 0;         // of `requests`
  std::int64_t randomised = 0;       // of them, in random order
  std::int64_t lone = 0;             // of them, with one item shown
  // Of the imported requests that a model may have learned from, the latest by its own time, and its number.
  std::optional<WallTime> imported_until;
  InferenceId imported_last;
  std::int64_t rows = 0;
  std::int64_t train_requests = 0;
  std::int64_t validation_requests = 0;
  std::int64_t test_requests = 0;
  std::string hash;  // SHA-256 over every number of every row; with a model, over its settings, too
};

std::string to_json(const Lineage& lineage);  // an object, without its closing brace: more may follow
// A number out of such an object; nothing when it does not have it.
std::optional<std::int64_t> number_in_lineage(const std::string& json, std::string_view name);
// A request's number ("trained_until", "last"); 0 when it is not there.
InferenceId request_in_lineage(const std::string& json, std::string_view name);

// SHA-256 of what is added, one after another. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::span<const std::byte> bytes);
  std::string hex();  // once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The hash of rows that have the one hash and were learned from with these settings.
std::string hash_with_settings(const std::string& hash_of_rows, std::string_view settings);

}  // namespace rankloop::app
