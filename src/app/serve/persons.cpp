// Completes requests, changes what is stored of people, and erases them.
#include "app/serve/persons.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "app/serve/request_envelope.h"
#include "domain/body_reader.h"
#include "domain/closest_name.h"
#include "domain/json_writer.h"
#include "domain/plain_texts.h"
#include "domain/strict_json.h"
#include "storage/written.h"
#include "sync/sleep.h"

namespace rankloop::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kKnownFor{1};  // where others may change it
constexpr int kAtOnce = 100;                  // rows that one write erases
constexpr std::size_t kShownName = 64;        // bytes, of a name in a reason

const std::vector<std::string_view> kBody = {"body"};

Error stores_nothing(const Domain& domain) {
  return {
      ErrorCode::kFailedPrecondition,
      "The domain " + domain.name + " stores nothing of people: its file has no [person] that lists fields"};
}

// A misspelt name must not be lost.
Status refuse_others(const Schema& person, const json::value& body) {
  std::vector<std::string_view> known;
  for (const Field& field : person.fields()) known.push_back(field.name);
  BodyReader reader{body};
  for (const std::string& name : reader.others(known)) {
    const auto close = closest_name(name, known);
    std::string listed;
    for (const std::string_view each : known) listed += (listed.empty() ? "" : ", ") + std::string{each};
    reader.fault({name.substr(0, kShownName)},
                 "is not stored of a person" +
                     (close ? "; is " + std::string{*close} + " meant?" : "; these are: " + listed),
                 "extra_forbidden");
  }
  return reader.status();
}

// What is stored as the domain of now takes it: what it does not list any more is not used.
std::string as_taken(const Domain& domain, const std::string& payload) {
  if (payload.empty()) return {};
  Result<Record> record = domain.person.read(payload);
  return record && record->payload != "{}" ? std::move(record->payload) : std::string();
}

std::string progress_json(const storage::Erasure& erasure) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("person_events").integer(erasure.events + erasure.unlinked_events);
  json.key("requests").integer(erasure.requests).end_object();
  return text;
}

std::string receipt_json(const storage::Erasure& erasure, WallTime ended) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("by").text(erasure.asked_by).key("ended").word(to_iso8601(ended));
  json.key("removed").begin_object().key("persons").integer(erasure.persons);
  json.key("person_events").integer(erasure.events).end_object();
  json.key("unlinked").begin_object().key("person_events").integer(erasure.unlinked_events);
  json.key("requests").integer(erasure.requests);
  json.key("feedback").integer(erasure.feedback).end_object();
  json.key("stays").text(
      "Requests, what was shown and what was picked stay as nobody's. What models learned of the person "
      "stays "
      "until they are trained anew, and backups have what they had.");
  json.end_object();
  return text;
}

}  // namespace

Persons::Persons(std::shared_ptr<const Domain> domain, int domain_version, storage::Store& store,
                 std::size_t memory, const Clock& clock, std::function<void()> erased)
    : domain_(std::move(domain)),
      domain_version_(domain_version),
      store_(store),
      clock_(clock),
      erased_(std::move(erased)),
      kept_(memory) {}

// Nobody: where nothing is stored, the request names nobody, or it says all of it itself.
std::optional<PersonKey> Persons::wanted_by(const json::value& body) const {
  const auto fields = domain_->person.fields();
  const json::object* const object = body.if_object();
  if (fields.empty() || object == nullptr) return std::nullopt;
  const json::value* const key = object->if_contains(kUserKey.name);
  if (key == nullptr || !key->is_string() || fault_of(kUserKey, key->get_string())) return std::nullopt;
  if (std::ranges::all_of(fields, [&](const Field& field) { return object->contains(field.name); }))
    return std::nullopt;
  return PersonKey{key->get_string()};
}

Persons::Pointer Persons::known(const PersonKey& person) {
  Pointer kept = kept_.find(person);
  if (kept == nullptr || !store_.is_shared()) return kept;
  if (clock_.monotonic() - kept->read < kKnownFor) return kept;
  kept_.forget(person);
  return nullptr;
}

Result<Persons::Pointer> Persons::read(const PersonKey& person) {
  if (Pointer kept = known(person)) return kept;
  const auto changes = [this] {
    const Lock lock{mutex_};
    return changes_;
  };
  const std::uint64_t before = changes();
  const Monotonic now = clock_.monotonic();
  auto payload = store_.stored_of_person(person);
  if (!payload) return payload.error();
  Pointer found = std::make_shared<const Known>(as_taken(*domain_, *payload), now);
  const Lock lock{mutex_};
  if (changes_ == before) kept_.keep(person, found, 2 * person.size() + found->payload.size());
  return found;
}

void Persons::changed(const PersonKey& person) {
  const Lock lock{mutex_};
  ++changes_;
  kept_.forget(person);
}

Result<bool> Persons::complete(json::value& body, Reach reach) {
  const auto person = wanted_by(body);
  if (!person) return true;
  Pointer stored = known(*person);
  if (stored == nullptr && reach == Reach::kMemory) return false;
  if (stored == nullptr) {
    auto found = read(*person);
    if (!found) return found.error();
    stored = *std::move(found);
  }
  if (stored->payload.empty()) return true;
  const Result<json::value> fields = parse_strict_json(stored->payload);
  if (!fields || !fields->is_object())
    return Error{ErrorCode::kDataLoss, "what is stored of a person cannot be read"};
  json::object& request = body.get_object();
  for (const json::key_value_pair& field : fields->get_object()) {
    if (!request.contains(field.key())) request[field.key()] = field.value();
  }
  return true;
}

void Persons::change(const PersonKey& person, const json::value& body, Change how,
                     std::optional<storage::RecordedAnswer<std::string>> keep,
                     storage::Done<std::string> done) {
  if (domain_->person.fields().empty()) return done(stores_nothing(*domain_));
  if (Status status = refuse_others(domain_->person, body); !status) return done(status.error());
  storage::PersonChange change{
      .person = person, .make = {}, .domain_version = domain_version_, .at = clock_.wall()};
  if (how == Change::kAll) {
    Result<Record> record = domain_->person.check(body, kBody);
    if (!record) return done(record.error());
    change.make = [payload = std::move(record->payload)](std::string_view) {
      return Result<std::string>(payload);
    };
  } else {
    change.make = [domain = domain_, body](std::string_view stored) -> Result<std::string> {
      Result<Record> record = domain->person.patch(stored.empty() ? "{}" : stored, body, kBody);
      if (!record) return record.error();
      return std::move(record->payload);
    };
  }
  store_.change_person(std::move(change), std::move(keep),
                       [this, person, done = std::move(done)](Result<std::string> stored) {
                         if (stored) changed(person);
                         done(std::move(stored));
                       });
}

void Persons::erase(const PersonKey& person, std::string by, std::optional<telemetry::TraceContext> trace,
                    BlockingPool& pool, storage::Done<storage::TaskRecord> done) {
  const auto work = [this, person, by = std::move(by), trace](const auto& told) {
    if (const auto there = store_.person(person); !there) return told(there.error());
    const WallTime now = clock_.wall();
    const TaskId task = TaskId::make(now.time_since_epoch().count(), random_bits(), random_bits());
    store_.start_job({.task = task,
                      .kind = traits_of(TaskKind::kErasure),
                      .arguments = "{}",
                      .at = now,
                      .trace = trace,
                      .erasure = storage::NewErasure{person, by}},
                     std::nullopt, [this, person, told](Result<storage::TaskRecord> started) {
                       if (started) changed(person);
                       told(std::move(started));
                     });
  };
  hand_to<storage::TaskRecord>(pool, work, std::move(done));
}

Result<storage::Erasure> Persons::erase_some(const TaskId& task) {
  const auto kept = [domain = domain_, names = plain_texts(*domain_)](std::string_view payload) {
    return without_texts(*domain, names, payload);
  };
  auto erased = storage::written<storage::Erasure>([&](auto done) {
    store_.erase_portion({.task = task, .most = kAtOnce, .kept = kept}, std::move(done));
  });
  // Too many writes wait: that passes.
  if (!erased && erased.error().code == ErrorCode::kResourceExhausted)
    return Error{ErrorCode::kUnavailable, erased.error().message};
  return erased;
}

// The first portion waits until nobody knows any more what was stored: no other process, and no request that
// is under way. Whatever was completed with it comes before that, and is unlinked with the rest.
Result<storage::JobResult> Persons::run(const storage::ClaimedTask& task, Heartbeat& heart) {
  sleep_for(2 * kKnownFor, heart.stop());
  while (!heart.stop().stop_requested()) {
    const auto erased = erase_some(task.lease.task);
    if (!erased) return erased.error();
    if (erased->done && erased_) erased_();
    if (erased->done) return storage::JobResult{.json = receipt_json(*erased, clock_.wall())};
    heart.tell(progress_json(*erased));
  }
  return Error{ErrorCode::kUnavailable, "The erasure was stopped"};
}

}  // namespace rankloop::app
