// History that another system collected: requests, what was shown, what was picked; to learn from.
//
// One request is one JSON object:
//   {"request": {the domain's request fields}, "shown": [item ids, best first], "picked": [...], "user_key":
//   "...",
//    "at": "2026-03-01T12:00:00Z"}
// "picked" holds item ids or {"item": id, "weight": n}, where n counts people; an empty list is the outcome
// "none chosen", no list is no outcome. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "app/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"

namespace rankloop::app {

class History {
 public:
  History(std::shared_ptr<const Domain> domain, int domain_version, storage::Store& store,
          const Serving& serving, const Clock& clock)
      : domain_(std::move(domain)),
        domain_version_(domain_version),
        store_(store),
        serving_(serving),
        clock_(clock) {}

  // JSON lines, written in one transaction: all of them or none. Answers how many. kInvalidArgument names the
  // line, counted from `first_line`, and every fault in it.
  Result<std::int64_t> import(std::string_view lines, std::size_t first_line = 1);

 private:
  Result<storage::ImportedRequest> check(const boost::json::value& request, std::size_t line) const;

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  storage::Store& store_;
  const Serving& serving_;
  const Clock& clock_;
};

}  // namespace rankloop::app
