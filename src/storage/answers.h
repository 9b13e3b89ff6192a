// Answers kept under an Idempotency-Key. See writes.h for threads and errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/clock.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

class Answers {
 public:
  virtual ~Answers() = default;

  // Keeps an answer that no other write carried (e.g. a 422). kAlreadyExists when the key is there.
  virtual void keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) = 0;
  virtual Result<std::optional<KeptAnswer>> kept_answer(const std::string& key) = 0;
  // Removes old answers, perhaps only some of them; answers how many, 0 once there are no more.
  virtual void forget_answers(WallTime older_than, Done<std::int64_t> done) = 0;
};

}  // namespace rankloop::storage
