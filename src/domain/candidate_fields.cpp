// Keeps what a request says of its candidates, and puts it in the place of the items' own values.
#include "domain/candidate_fields.h"

#include <utility>

#include <boost/json/value.hpp>

#include "domain/strict_json.h"

namespace rankloop {
namespace {

Error damaged(const std::string& why) {
  return {ErrorCode::kDataLoss, "The stored fields of a request's candidates cannot be read", why};
}

}  // namespace

Result<CandidateFields> CandidateFields::read(std::string_view text) {
  CandidateFields read;
  if (text.empty()) return read;
  Result<boost::json::value> value = parse_strict_json(text);
  if (!value) return damaged(value.error().message);
  if (!value->is_object()) return damaged("it is no object");
  read.fields_ = std::move(value->get_object());
  for (const boost::json::key_value_pair& candidate : read.fields_) {
    if (!candidate.value().is_object()) return damaged("of a candidate there is no object");
  }
  return read;
}

const boost::json::object* CandidateFields::of(ItemId item) const {
  const boost::json::value* said = fields_.if_contains(std::to_string(item.value));
  return said == nullptr ? nullptr : said->if_object();
}

void append_candidate(std::string& text, ItemId item, std::string_view fields) {
  if (text.empty())
    text += '{';
  else
    text.back() = ',';
  text.append("\"").append(std::to_string(item.value)).append("\":").append(fields) += '}';
}

Result<Record> candidate_record(const Domain& domain, std::string_view item,
                                const boost::json::object* fields) {
  if (fields == nullptr) return domain.candidates.read(item);
  return domain.candidates.patch(item, *fields, {});
}

}  // namespace rankloop
