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
  if (!value->is_array()) return damaged("it is no list");
  for (boost::json::value& entry : value->get_array()) {
    const boost::json::value* id = entry.is_object() ? entry.get_object().if_contains("id") : nullptr;
    boost::json::value* fields = entry.is_object() ? entry.get_object().if_contains("fields") : nullptr;
    if (id == nullptr || !id->is_int64() || fields == nullptr || !fields->is_object())
      return damaged("an entry has no id, or no fields");
    read.fields_.emplace(ItemId{id->get_int64()}, std::move(fields->get_object()));
  }
  return read;
}

const boost::json::object* CandidateFields::of(ItemId item) const {
  const auto said = fields_.find(item);
  return said == fields_.end() ? nullptr : &said->second;
}

void append_candidate(std::string& text, ItemId item, std::string_view fields) {
  if (text.empty())
    text += '[';
  else
    text.back() = ',';
  text.append("{\"id\":").append(std::to_string(item.value)).append(",\"fields\":").append(fields) += "}]";
}

Result<Record> candidate_record(const Domain& domain, std::string_view item,
                                const boost::json::object* fields) {
  if (fields == nullptr) return domain.candidates.read(item);
  return domain.candidates.patch(item, *fields, {});
}

}  // namespace rankloop
