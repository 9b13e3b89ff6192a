#include "app/history.h"

#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "domain/calendar.h"
#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMaxUserKey = 128;
constexpr double kMostPeople = 1e9;  // sums of such weights stay finite as float

using Path = std::vector<std::string>;

std::optional<std::int64_t> whole(const boost::json::value& value) {
  boost::system::error_code fault;
  const auto number = value.is_number() ? value.to_number<std::int64_t>(fault) : 0;
  if (!value.is_number() || fault) return std::nullopt;
  return number;
}

// Gathers the faults of one line while it is taken apart.
class Reader {
 public:
  Reader(const boost::json::object& object, const std::string& line, const ml::Catalog& catalog)
      : object_(object), line_(line), catalog_(catalog) {}

  std::vector<FieldFault>& faults() { return faults_; }

  void read_shown(storage::ImportedRequest& request) {
    const boost::json::value* list = object_.if_contains("shown");
    if (list == nullptr) return fault({"shown"}, "Field required", "missing");
    if (!list->is_array() || list->get_array().empty()) {
      return fault({"shown"}, "Input should be a list of the items shown, best first", "list_type");
    }
    if (list->get_array().size() > static_cast<std::size_t>(kMaxRank)) {
      return fault({"shown"}, "shown has more than " + std::to_string(kMaxRank) + " items", "too_long");
    }
    for (const boost::json::value& entry : list->get_array()) {
      const auto id = whole(entry);
      if (!id) return fault({"shown"}, "Input should be a list of whole numbers", "int_type");
      if (!catalog_.find({*id})) {
        fault({"shown"}, "there is no item " + std::to_string(*id) + " in the catalog", "value_error");
      }
      if (std::find(request.shown.begin(), request.shown.end(), ItemId{*id}) != request.shown.end()) {
        fault({"shown"}, "item " + std::to_string(*id) + " is shown twice", "value_error");
      }
      request.shown.push_back({*id});
    }
  }

  void read_picked(storage::ImportedRequest& request) {
    const boost::json::value* list = object_.if_contains("picked");
    if (list == nullptr || list->is_null()) return;
    if (!list->is_array()) return fault({"picked"}, "Input should be a valid list", "list_type");
    for (const boost::json::value& entry : list->get_array()) {
      const boost::json::object* detailed = entry.if_object();
      const boost::json::value* item = detailed == nullptr ? &entry : detailed->if_contains("item");
      const auto id = item == nullptr ? std::nullopt : whole(*item);
      double weight = 1;
      if (detailed != nullptr && detailed->contains("weight")) {
        const boost::json::value& given = detailed->at("weight");
        weight = given.is_number() ? given.to_number<double>() : 0;
      }
      if (!id || !(weight > 0)) {
        return fault({"picked"}, "Input should hold item ids, or objects with an item and a weight above 0",
                     "value_error");
      }
      if (weight > kMostPeople) {
        return fault({"picked"}, "a weight counts people; allowed are up to 1000000000", "less_than_equal");
      }
      const auto at = std::find(request.shown.begin(), request.shown.end(), ItemId{*id});
      if (at == request.shown.end()) {
        return fault({"picked"}, "item " + std::to_string(*id) + " was picked, but not shown", "value_error");
      }
      storage::Feedback feedback;
      feedback.item = ItemId{*id};
      feedback.rank = static_cast<int>(at - request.shown.begin()) + 1;
      feedback.weight = weight;
      feedback.at = request.at;
      request.feedback.push_back(feedback);
    }
    if (list->get_array().empty()) {
      storage::Feedback none;
      none.kind = "none";
      none.value = 0;
      none.at = request.at;
      request.feedback.push_back(none);
    }
  }

  void read_rest(storage::ImportedRequest& request) {
    if (const boost::json::value* key = object_.if_contains("user_key"); key != nullptr && !key->is_null()) {
      if (!key->is_string() || key->get_string().empty() || key->get_string().size() > kMaxUserKey ||
          key->get_string().find('\0') != boost::json::string::npos) {
        fault({"user_key"},
              "Input should be a string of 1 to " + std::to_string(kMaxUserKey) + " bytes without NUL",
              "string_type");
      } else {
        request.user_key = key->get_string();
      }
    }
    if (const boost::json::value* at = object_.if_contains("at"); at != nullptr && !at->is_null()) {
      const auto moment = at->is_string() ? parse_moment(at->get_string()) : std::nullopt;
      if (!moment || moment->time_since_epoch().count() < 0) {  // a task's id begins with its time since 1970
        fault({"at"}, "Input should be a time such as 2026-03-01T12:00:00Z", "datetime_parsing");
      } else {
        request.at = *moment;
      }
    }
  }

  void fault(Path path, std::string message, std::string type) {
    path.insert(path.begin(), line_);
    faults_.push_back({std::move(path), std::move(message), std::move(type)});
  }

 private:
  const boost::json::object& object_;
  const std::string& line_;
  const ml::Catalog& catalog_;
  std::vector<FieldFault> faults_;
};

}  // namespace

Result<storage::ImportedRequest> History::check(const boost::json::value& value, std::size_t line) const {
  const std::string where = "line " + std::to_string(line);
  const boost::json::object* object = value.if_object();
  if (object == nullptr) return invalid_fields({{{where}, "Input should be a JSON object", "dict_type"}});
  storage::ImportedRequest request;
  request.at = clock_.wall();
  request.domain_version = domain_version_;
  Reader reader(*object, where, *serving_.current()->catalog);
  reader.read_rest(request);
  reader.read_shown(request);
  reader.read_picked(request);
  if (const boost::json::value* fields = object->if_contains("request")) {
    const std::vector<std::string_view> loc = {where, "request"};
    Result<Record> record = domain_->requests.check(*fields, loc);
    if (record) {
      request.payload = std::move(record->payload);
    } else {
      const auto& faults = record.error().faults;
      reader.faults().insert(reader.faults().end(), faults.begin(), faults.end());
    }
  } else {
    reader.fault({"request"}, "Field required", "missing");
  }
  if (!reader.faults().empty()) return invalid_fields(std::move(reader.faults()));
  request.task = TaskId::make(request.at.time_since_epoch().count(), random_bits(), random_bits());
  return request;
}

Result<std::int64_t> History::import(std::string_view lines, std::size_t first_line) {
  std::vector<storage::ImportedRequest> requests;
  std::size_t number = first_line;
  for (; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Result<boost::json::value> value = parse_strict_json(line);
    if (!value) {
      return Error(ErrorCode::kInvalidArgument,
                   "line " + std::to_string(number) + ": " + value.error().message);
    }
    Result<storage::ImportedRequest> request = check(*value, number);
    if (!request) return request.error();
    requests.push_back(*std::move(request));
  }
  if (requests.empty()) return Error(ErrorCode::kInvalidArgument, "there are no requests in the text");
  std::promise<Result<std::int64_t>> written;
  store_.import_requests(std::move(requests), store_.catalog_version(),
                         [&](Result<std::int64_t> outcome) { written.set_value(std::move(outcome)); });
  return written.get_future().get();
}

}  // namespace rankloop::app
