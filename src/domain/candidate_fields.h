// What a request says of its candidates: fields that exist for this request alone, or that stand in for the
// item's own. It is kept with the request as a text of one line for each candidate of which it says
// something: the id, a blank and a JSON object of Domain::candidate_fields, `17 {"bm25":2.1,"price":19.9}`.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop {

// Borrows the text.
class CandidateFields {
 public:
  // kDataLoss: it is no such text. An empty one says nothing.
  static Result<CandidateFields> read(std::string_view text);

  const std::map<ItemId, std::string_view>& all() const { return fields_; }
  // The JSON object; empty: nothing is said of the item.
  std::string_view of(ItemId item) const;

 private:
  std::map<ItemId, std::string_view> fields_;
};

// Appends what is said of one more candidate to a kept text.
void append_candidate(std::string& text, ItemId item, std::string_view fields);

// A candidate as it is ranked, of Domain::candidates: the stored item with what the request says of it.
// `fields`: empty where it says nothing. kDataLoss: one of them cannot be read; kInvalidArgument: what is
// derived of its values is too large a number.
Result<Record> candidate_record(const Domain& domain, std::string_view item, std::string_view fields);

}  // namespace rankloop
