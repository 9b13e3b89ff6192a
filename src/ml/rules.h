// Eligibility: the domain's rules over the columns of the catalog.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"

namespace rankloop::ml {

// The rules of one request. Both sides are compared as float32, the catalog's precision. Reads the catalog,
// which must outlive it; thread-safe.
class Eligibility {
 public:
  Eligibility(const Catalog& catalog, const ValuesView& request);

  bool any_rules() const { return !terms_.empty(); }
  bool holds_for(std::uint32_t row) const;  // of a live row
  // Appends the rows of a chunk that are live and keep every rule, ascending.
  void append_eligible(std::size_t chunk, std::vector<std::uint32_t>& rows) const;

 private:
  struct Term {
    std::size_t position = 0;  // in the catalog's item columns
    Comparison op = Comparison::kEqual;
    float right = 0;  // NaN: absent, the rule is broken for every item
  };

  const Catalog& catalog_;
  std::vector<Term> terms_;
};

}  // namespace rankloop::ml
