// The members of one line of history, each with its checks.
#include "app/learn/history_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <openssl/evp.h>

#include "app/bad_rows.h"
#include "app/learn/history_picks.h"
#include "app/serve/candidates_input.h"
#include "domain/calendar.h"
#include "domain/candidate_fields.h"
#include "domain/field_value.h"
#include "domain/keyed_hash.h"
#include "domain/schema_names.h"
#include "domain/strict_json.h"
#include "domain/utf8.h"
#include "tables/row_reader.h"

namespace rankloop::app {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"id",       "request", "shown",     "picked",
                                                    "user_key", "at",      "positions", "propensities"};
constexpr std::size_t kMaxKey = 128;      // characters
constexpr std::chrono::hours kAhead{24};  // other clocks, and zones taken for UTC
constexpr std::string_view kRequestPrefix = "request.";

using Path = std::vector<std::string>;

std::optional<std::int64_t> whole(const boost::json::value& value) {
  boost::system::error_code fault;
  const auto number = value.is_number() ? value.to_number<std::int64_t>(fault) : 0;
  if (!value.is_number() || fault) return std::nullopt;
  return number;
}

// A text of the other system that names a person or a request; whole numbers are such names, too.
std::optional<std::string> name_of(const boost::json::value& value) {
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  if (!value.is_string()) return std::nullopt;
  const boost::json::string& text = value.get_string();
  if (text.empty() || characters_in(text) > kMaxKey || text.find('\0') != boost::json::string::npos)
    return std::nullopt;
  return std::string{text};
}

class LineReader {
 public:
  LineReader(const HistoryContext& context, const boost::json::object& object, std::string place,
             UnknownNames& unknown)
      : context_(context), object_(object), place_(std::move(place)), unknown_(unknown) {}

  Result<storage::ImportedRequest> read() {
    request_.at = context_.now;
    request_.domain_version = context_.domain_version;
    read_id();
    read_person();
    read_moment();
    read_shown();
    read_propensities();
    read_positions();
    read_picked();
    read_request();
    const bool was_bad = begins_as_bad_row(object_, context_.domain.requests);
    for (const boost::json::key_value_pair& member : object_) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (was_bad && (name == kBadLine || name == kBadReason)) continue;
      if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) unknown_.add(name);
    }
    if (!faults_.empty()) return invalid_fields(std::move(faults_));
    if (!request_.key.empty()) request_.content = content();
    return std::move(request_);
  }

 private:
  const boost::json::value* given(std::string_view name) const {
    const boost::json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void fault(Path path, std::string message, std::string type) {
    if (full()) return;
    path.insert(path.begin(), place_);
    faults_.push_back({std::move(path), std::move(message), std::move(type)});
  }
  bool full() const { return faults_.size() >= kMaxHistoryFaults; }

  void read_name(std::string_view name, std::string& into) {
    const boost::json::value* value = given(name);
    if (value == nullptr) return;
    if (auto text = name_of(*value)) {
      into = *std::move(text);
    } else {
      fault({std::string{name}},
            "Input should be a string of 1 to 128 characters without NUL, or a whole number, not " +
                describe(*value),
            "string_type");
    }
  }
  void read_id() { read_name("id", request_.key); }
  void read_person() { read_name("user_key", request_.person); }

  void read_moment() {
    const boost::json::value* at = given("at");
    if (at == nullptr) return;
    const auto moment = at->is_string() ? parse_moment(at->get_string()) : std::nullopt;
    if (!moment || moment->time_since_epoch().count() < 0) {  // a task's id begins with its time since 1970
      return fault({"at"},
                   "Input should be a time since 1970 with its offset, such as 2026-03-01T12:00:00Z or "
                   "2026-03-01T13:00:00+01:00, not " +
                       describe(*at),
                   "datetime_parsing");
    }
    if (*moment > context_.now + kAhead) {
      return fault({"at"}, "Input should be a time in the past, not " + describe(*at), "datetime_past");
    }
    request_.at = *moment;
    at_given_ = true;
  }

  void read_shown() {
    const boost::json::value* list = object_.if_contains("shown");
    if (list == nullptr) return fault({"shown"}, "Field required", "missing");
    if (!list->is_array() || list->get_array().empty()) {
      return fault({"shown"}, "Input should be a list of the items shown, best first", "list_type");
    }
    if (list->get_array().size() > static_cast<std::size_t>(kMaxRank)) {
      return fault({"shown"}, "shown has more than " + std::to_string(kMaxRank) + " items", "too_long");
    }
    request_.shown.reserve(list->get_array().size());
    ranks_.reserve(list->get_array().size());
    for (const boost::json::value& entry : list->get_array()) {
      const boost::json::object* more = entry.if_object();
      const boost::json::value* named = more == nullptr ? &entry : more->if_contains(kItemEntryId);
      const auto name = named == nullptr ? std::nullopt : item_name_of(*named, context_.keys.type());
      if (!name)
        return fault({"shown"}, no_list_of_ids(entry), std::string{type_of_no_id(context_.keys.type())});
      const ItemId id = item_of(*name);
      if (!context_.catalog.find(id)) {
        fault({"shown"}, "there is no item " + in_words(*name) + " in the catalog", "value_error");
      }
      request_.shown.push_back(id);
      if (!ranks_.emplace(id, static_cast<int>(request_.shown.size())).second) {
        fault({"shown"}, "item " + in_words(*name) + " is shown twice", "value_error");
      } else if (more != nullptr) {
        read_said(id, *more);
      }
      if (full()) return;
    }
  }

  // What held of an item that was shown, in that request.
  void read_said(ItemId item, const boost::json::object& entry) {
    const std::string place = std::to_string(request_.shown.size() - 1);
    for (const boost::json::key_value_pair& member : entry) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (name == kItemEntryId) continue;
      const std::vector<std::string_view> loc = {"shown", place, utf8_prefix(name, kUnknownNameBytes)};
      if (name != "fields") {
        fault({loc.begin(), loc.end()}, "an item has an id and fields, and nothing else", "extra_forbidden");
        continue;
      }
      const auto said = read_candidate_fields(context_.domain.candidate_fields, member.value(), loc);
      if (!said) {
        for (const FieldFault& one : said.error().faults) fault(one.loc, one.msg, one.type);
      } else if (!said->empty()) {
        append_candidate(request_.candidate_fields, item, *said);
      }
    }
    if (request_.candidate_fields.size() > kMostCandidateBytes)
      fault({"shown"}, "the items' fields have above " + std::to_string(kMostCandidateBytes) + " bytes",
            "too_long");
  }

  std::string no_list_of_ids(const boost::json::value& entry) const {
    const std::string what = context_.keys.are_texts() ? "a list of the items' ids, each " +
                                                             std::string{allowed_item_id(ItemIdType::kText)}
                                                       : "a list of whole numbers, the ids of items";
    return "Input should be " + what + ", not of " + describe(entry);
  }

  // A key that nobody knows has no number; it gets one of this line's own, below all others.
  ItemId item_of(const ItemName& name) {
    if (const auto known = context_.keys.find(name)) return *known;
    const auto next = -static_cast<std::int64_t>(unknown_keys_.size()) - 1;
    return unknown_keys_.emplace(name.key, ItemId{next}).first->second;
  }

  // A list in step with `shown`; nothing, with a fault, when it is none.
  const boost::json::array* list_of_shown(std::string_view name) {
    const boost::json::value* list = given(name);
    if (list == nullptr) return nullptr;
    if (list->is_array() && list->get_array().size() == request_.shown.size()) return &list->get_array();
    fault({std::string{name}}, "Input should be a list with one number for each item of shown", "list_type");
    return nullptr;
  }

  void read_propensities() {
    const boost::json::array* list = list_of_shown("propensities");
    if (list == nullptr) return;
    for (const boost::json::value& entry : *list) {
      const double chance = entry.is_number() ? entry.to_number<double>() : 0;
      if (!(chance > 0 && chance <= 1) || !(static_cast<float>(chance) > 0)) {
        return fault({"propensities"},
                     "Input should hold numbers above 0 and up to 1, not " + describe(entry), "value_error");
      }
      request_.propensities.push_back(static_cast<float>(chance));
    }
  }

  void read_positions() {
    const boost::json::array* list = list_of_shown("positions");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (whole((*list)[i]) == static_cast<std::int64_t>(i + 1)) continue;
      return fault({"positions"},
                   "only lists that were shown from position 1 on, without gaps, can be kept: position " +
                       std::to_string(i + 1) + " should follow, not " + describe((*list)[i]),
                   "value_error");
    }
  }

  void read_picked() {
    const boost::json::value* list = given("picked");
    if (list == nullptr) return;
    if (!list->is_array()) return fault({"picked"}, "Input should be a valid list", "list_type");
    HistoryPicks picks(
        context_, request_.at, [this](const ItemName& name) { return rank_of(name); },
        [this](std::string message, std::string type) {
          fault({"picked"}, std::move(message), std::move(type));
        });
    for (const boost::json::value& entry : list->get_array()) {
      if (!picks.read(entry, request_.feedback) || full()) return;
    }
    if (list->get_array().empty()) {
      storage::Feedback none;
      none.kind = kNoneKind;
      none.value = 0;
      none.at = request_.at;
      request_.feedback.push_back(none);
    }
  }

  std::pair<ItemId, int> rank_of(const ItemName& name) {
    const ItemId id = item_of(name);
    const auto shown = ranks_.find(id);
    return {id, shown == ranks_.end() ? 0 : shown->second};
  }

  void read_request() {
    const boost::json::value* fields = object_.if_contains("request");
    if (fields == nullptr) return fault({"request"}, "Field required", "missing");
    const std::vector<std::string_view> loc = {place_, "request"};
    const auto now = at_given_ ? std::optional(request_.at) : std::nullopt;
    Result<Record> record = context_.domain.requests.check(*fields, loc, {}, now);
    if (!record) {
      const auto& faults = record.error().faults;
      const std::size_t room = kMaxHistoryFaults - faults_.size();
      faults_.insert(faults_.end(), faults.begin(),
                     faults.begin() + static_cast<std::ptrdiff_t>(std::min(room, faults.size())));
      return;
    }
    request_.payload = std::move(record->payload);
    if (record->unknown_fields == 0) return;
    const auto names = unknown_names(context_.domain.requests, fields->get_object());
    for (const std::string& name : names) unknown_.add(std::string{kRequestPrefix} + name);
    unknown_.add_nameless(static_cast<std::int64_t>(record->unknown_fields - names.size()));
  }

  // SHA-256 of what the line says: its moment only where it says one.
  std::string content() const {
    std::string text = request_.payload + '\0' + request_.person + '\0';
    const auto add = [&](double number) {
      append_json_number(text, number);
      text += ',';
    };
    if (at_given_) add(static_cast<double>(request_.at.time_since_epoch().count()));
    text += '\0';
    for (const ItemId item : request_.shown) text += std::to_string(item.value) + ',';
    if (!request_.candidate_fields.empty()) text += '\0' + request_.candidate_fields;
    text += '\0';
    for (const float chance : request_.propensities) add(static_cast<double>(chance));
    for (const storage::Feedback& feedback : request_.feedback) {
      text += '\0';
      text += feedback.kind;
      text += std::to_string(feedback.rank) + ' ';
      add(feedback.people);
      if (feedback.item && (feedback.kind != kPickKind || feedback.value != 1)) add(feedback.value);
    }
    std::array<unsigned char, 32> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return {digest.begin(), digest.end()};
  }

  const HistoryContext& context_;
  const boost::json::object& object_;
  const std::string place_;
  UnknownNames& unknown_;
  storage::ImportedRequest request_;
  bool at_given_ = false;
  std::map<std::string, ItemId> unknown_keys_;
  std::unordered_map<ItemId, int, KeyedHash> ranks_;  // of what was shown
  std::vector<FieldFault> faults_;
};

}  // namespace

Result<storage::ImportedRequest> read_history_line(const HistoryContext& context, std::string_view line,
                                                   std::size_t number, UnknownNames& unknown) {
  const std::string place = "line " + std::to_string(number);
  if (line.size() > tables::kMaxRowBytes)
    return invalid_fields({{{place}, std::string{tables::kRowTooLong}, "too_long"}});
  const Result<boost::json::value> value = parse_strict_json(line);
  if (!value) {
    Error error = value.error();
    for (FieldFault& fault : error.faults) fault.loc = {place};
    return error;
  }
  const boost::json::object* object = value->if_object();
  if (object == nullptr) return invalid_fields({{{place}, "Input should be a JSON object", "dict_type"}});
  return LineReader(context, *object, place, unknown).read();
}

std::vector<std::string> history_names(const Domain& domain) {
  std::vector<std::string> names{kNames.begin(), kNames.end()};
  for (const std::string_view name : names_of(domain.requests))
    names.push_back(std::string{kRequestPrefix}.append(name));
  return names;
}

}  // namespace rankloop::app
