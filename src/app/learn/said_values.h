// Rows of which the request says something (domain/candidate_fields.h), with the values that they were ranked
// on. Used by one thread.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/domain.h"
#include "domain/ids.h"
#include "domain/keyed_hash.h"
#include "ml/catalog.h"
#include "storage/records.h"

namespace rankloop::app {

class SaidValues {
 public:
  // Borrowed. `layout`: of the values.
  SaidValues(const Domain& domain, const ml::Catalog& layout) : domain_(domain), layout_(layout) {}

  // `row`: by which they are found again; `catalog_version`: that it was ranked by.
  void add(std::size_t row, ItemId item, std::int64_t catalog_version, const boost::json::object& fields);

  // A state of an item; those of one item come from old to new, and the last that the ranking knew counts.
  // kInvalidArgument, kDataLoss: the item with what is said of it cannot be read.
  Status see(const storage::ItemRecord& item);

  // Null: the request says nothing of it.
  const ml::ItemValues* of(std::size_t row) const;

 private:
  struct Said {
    std::int64_t catalog_version = 0;
    boost::json::object fields;
    ml::ItemValues values;
  };

  const Domain& domain_;
  const ml::Catalog& layout_;
  std::unordered_map<std::size_t, Said> said_;                               // by row
  std::unordered_map<ItemId, std::vector<std::size_t>, KeyedHash> rows_of_;  // by item
};

}  // namespace rankloop::app
