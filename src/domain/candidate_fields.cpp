// Keeps what a request says of its candidates, and puts it in the place of the items' own values.
#include "domain/candidate_fields.h"

#include <charconv>

#include <boost/json/value.hpp>

#include "domain/strict_json.h"

namespace rankloop {
namespace {

Error damaged(std::string why) {
  return {ErrorCode::kDataLoss, "The stored fields of a request's candidates cannot be read", std::move(why)};
}

}  // namespace

Result<CandidateFields> CandidateFields::read(std::string_view text) {
  CandidateFields read;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    ItemId item;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), item.value);
    const auto digits = static_cast<std::size_t>(end - line.data());
    if (fault != std::errc{} || line.size() == text.size() || line.substr(digits, 2) != " {")
      return damaged("a line is no id and object");
    read.fields_.emplace(item, line.substr(digits + 1));
    text.remove_prefix(line.size() + 1);
  }
  return read;
}

std::string_view CandidateFields::of(ItemId item) const {
  const auto said = fields_.find(item);
  return said == fields_.end() ? std::string_view{} : said->second;
}

void append_candidate(std::string& text, ItemId item, std::string_view fields) {
  text.append(std::to_string(item.value)).append(" ").append(fields) += '\n';
}

Result<Record> candidate_record(const Domain& domain, std::string_view item, std::string_view fields) {
  if (fields.empty()) return domain.candidates.read(item);
  const Result<boost::json::value> said = parse_strict_json(fields);
  if (!said) return damaged(said.error().message);
  return domain.candidates.patch(item, *said, {});
}

}  // namespace rankloop
