// Reads what a body says of each candidate and refuses what the domain does not declare.
#include "app/serve/candidates_input.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include <boost/json/object.hpp>

#include "domain/candidate_fields.h"
#include "domain/closest_name.h"
#include "domain/keyed_hash.h"
#include "domain/schema_names.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kFields = "fields";

class SaidOfCandidates {
 public:
  SaidOfCandidates(BodyReader& body, std::string_view list, const Schema& schema)
      : body_(body), list_(list), schema_(schema) {}

  void take(std::optional<ItemId> item, std::size_t at, const boost::json::object& entry) {
    const std::string place = std::to_string(at);
    for (const boost::json::key_value_pair& member : entry) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (name != kItemEntryId && name != kFields)
        body_.fault({list_, place, std::string{utf8_prefix(name, kUnknownNameBytes)}},
                    "a candidate has an id and fields, and nothing else", "extra_forbidden");
    }
    const bool first = item && seen_.insert(*item).second;
    const boost::json::value* fields = entry.if_contains(kFields);
    if (fields == nullptr) return;
    const std::vector<std::string_view> loc = {list_, place, kFields};
    const Result<std::string> said = read_candidate_fields(schema_, *fields, loc);
    if (!said) {
      for (const FieldFault& fault : said.error().faults) body_.fault(fault.loc, fault.msg, fault.type);
    } else if (first && !said->empty()) {
      append_candidate(text_, *item, *said);
    }
  }

  std::string finish() {
    if (text_.size() > kMostCandidateBytes) {
      body_.fault({list_},
                  "the fields of all candidates together have " + std::to_string(text_.size()) +
                      " bytes; allowed are up to " + std::to_string(kMostCandidateBytes),
                  "too_long");
    }
    return std::move(text_);
  }

 private:
  BodyReader& body_;
  const std::string list_;
  const Schema& schema_;
  std::string text_;
  std::unordered_set<ItemId, KeyedHash> seen_;
};

std::vector<FieldFault> unknown_faults(const Schema& schema, const boost::json::object& given,
                                       std::span<const std::string_view> loc) {
  std::vector<FieldFault> faults;
  for (const std::string& name : unknown_names(schema, given)) {
    const auto nearest = closest_name(name, names_of(schema));
    FieldFault& fault = faults.emplace_back();
    fault.loc.assign(loc.begin(), loc.end());
    fault.loc.push_back(name);
    fault.msg = "the domain has no candidate field of this name" +
                (nearest ? ", did you mean " + std::string{*nearest} + "?" : "");
    fault.type = "extra_forbidden";
  }
  return faults;
}

}  // namespace

std::optional<Candidates> read_candidates(BodyReader& body, const ItemsInput& input, const ItemKeys& keys,
                                          const Schema& fields) {
  SaidOfCandidates said(body, input.name, fields);
  BodyReader::EntryVisitor visit;
  if (!fields.fields().empty())
    visit = [&said](std::optional<ItemId> item, std::size_t at, const boost::json::object& entry) {
      said.take(item, at, entry);
    };
  auto items = body.read(input, keys, visit);
  if (!items) return std::nullopt;
  return Candidates{*std::move(items), said.finish()};
}

Result<std::string> read_candidate_fields(const Schema& fields, const boost::json::value& given,
                                          std::span<const std::string_view> loc) {
  if (given.is_null()) return std::string{};
  Result<Record> record = fields.check(given, loc);
  std::vector<FieldFault> faults;
  if (!record) faults = record.error().faults;
  if (const boost::json::object* object = given.if_object())
    std::ranges::move(unknown_faults(fields, *object, loc), std::back_inserter(faults));
  if (!faults.empty()) return invalid_fields(std::move(faults));
  if (!record) return record.error();
  const bool says = record->payload.size() > 2;  // more than {}
  return says ? std::move(record->payload) : std::string{};
}

}  // namespace rankloop::app
