// What a request says of its candidates: fields that exist for this request alone, or that stand in for the
// item's own. It is kept with the request as a JSON text in the request's own form, without the candidates of
// which it says nothing: [{"id":17,"fields":{"bm25":2.1}},{"id":23,"fields":{"price":19.9}}]; empty: of none.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop {

class CandidateFields {
 public:
  // kDataLoss: it is no such text.
  static Result<CandidateFields> read(std::string_view text);

  bool empty() const { return fields_.empty(); }
  const std::map<ItemId, boost::json::object>& all() const { return fields_; }
  // Null: nothing is said of it.
  const boost::json::object* of(ItemId item) const;

 private:
  std::map<ItemId, boost::json::object> fields_;
};

// Appends what is said of one more candidate, a JSON object of Domain::candidate_fields, to a kept text.
void append_candidate(std::string& text, ItemId item, std::string_view fields);

// A candidate as it is ranked, of Domain::candidates: the stored item with what the request says of it.
// `fields`: null where it says nothing. kDataLoss: the item cannot be read; kInvalidArgument: what is derived
// of its values is too large a number.
Result<Record> candidate_record(const Domain& domain, std::string_view item,
                                const boost::json::object* fields);

}  // namespace rankloop
