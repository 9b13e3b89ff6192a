// Keeps the rows by their key and puts them into lines.
#include "cli/quickstart/request_facts.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "domain/imported_names.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kMostRows = 1'000'000;

// What a row says, without the fields that only the domain says something of.
boost::json::object given_of(const Record& record, const std::vector<std::string>& names) {
  boost::json::object given;
  const boost::json::value payload = boost::json::parse(record.payload);
  for (const auto& field : payload.as_object()) {
    const std::string_view name = field.key();
    if (!field.value().is_null() && std::find(names.begin(), names.end(), name) != names.end())
      given.emplace(name, field.value());
  }
  return given;
}

LogColumn column_of(const std::vector<std::string>& header, const std::string& name) {
  const auto found = name.empty() ? header.end() : std::find(header.begin(), header.end(), name);
  return found == header.end() ? LogColumn{} : LogColumn{static_cast<std::size_t>(found - header.begin())};
}

}  // namespace

Result<RequestFacts> RequestFacts::read(const LogTable& table, const infer::HistoryColumnNames& log,
                                        const Domain& domain, const LogWatch& watch) {
  auto reader = LogReader::open(table);
  if (!reader) return reader.error();
  RequestFacts facts;
  // The requests that are made of events have no names of their own.
  const LogColumn request = log.events ? LogColumn{} : column_of(reader->header(), log.request);
  const LogColumn key = request ? request : column_of(reader->header(), log.person);
  facts.key_member_ = request ? "id" : "user_key";
  if (!key) {
    return Error{ErrorCode::kInvalidArgument,
                 table.file + " has no column that the log has, too, for its requests or people" +
                     (log.person.empty() ? "" : ", as '" + log.person + "'") +
                     ": nobody can tell which row belongs to which request"};
  }
  const std::array sides = {ImportedNames(domain, Side::kRequest)};
  const std::vector<std::string> names = known_columns(reader->header(), sides);
  const std::vector<std::string_view> loc = {"row"};
  const auto bad = [&](std::size_t, const std::string&) { ++facts.refused_; };
  const Status read = reader->each(watch, bad, [&](auto cells, std::size_t) {
    const auto record = domain.requests.check_cells(names, cells, loc);
    if (!record) {
      ++facts.refused_;
    } else if (facts.by_key_.size() <= kMostRows) {
      facts.by_key_.insert_or_assign(std::string{cells[*key]}, given_of(*record, names));
    }
  });
  if (!read) return read.error();
  if (facts.by_key_.size() <= kMostRows) return facts;
  return Error{ErrorCode::kInvalidArgument,
               table.file + " has more than " + std::to_string(kMostRows) + " rows"};
}

std::string RequestFacts::filled(std::string_view line) const {
  if (by_key_.empty()) return std::string{line};
  boost::json::object object = boost::json::parse(line).as_object();
  const boost::json::value* key = object.if_contains(key_member_);
  const auto found = key == nullptr ? by_key_.end() : by_key_.find(std::string_view{key->as_string()});
  if (found == by_key_.end()) return std::string{line};
  boost::json::object& request = object["request"].as_object();
  for (const auto& field : found->second) {
    boost::json::value& own = request[field.key()];
    if (own.is_null()) own = field.value();
  }
  return boost::json::serialize(object);
}

}  // namespace rankloop::cli
