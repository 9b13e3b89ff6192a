// What is read and written of people, over any dialect's connection. A dialect adds the statement
// "person_to_change".
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/persons.h"
#include "storage/statements.h"

namespace rankloop::storage {

inline Error unknown_person() {
  return {ErrorCode::kNotFound, "Nothing is known of this person"};
}

inline constexpr auto person_of = [](const auto& row) {
  PersonRecord person{.payload = row.text("payload"),
                      .changed = row.optional_time("changed"),
                      .requests = row.integer("requests"),
                      .events = row.integer("events"),
                      .first_seen = row.optional_time("first_request"),
                      .last_seen = row.optional_time("last_request")};
  if (person.events == 0) return person;
  const WallTime first = row.time("first_event");
  const WallTime last = row.time("last_event");
  person.first_seen = std::min(person.first_seen.value_or(first), first);
  person.last_seen = std::max(person.last_seen.value_or(last), last);
  return person;
};

inline constexpr auto person_event_of = [](const auto& row) {
  return PersonEvent{.id = row.integer("id"),
                     .item = ItemId{row.integer("item")},
                     .kind = row.text("kind"),
                     .value = row.real("value"),
                     .at = row.time("at"),
                     .received = row.time("received"),
                     .event_id = row.text("event_id")};
};

// Another process may add the person at the same moment: then its fields are changed.
template <class Connection>
Result<std::string> write_person(Connection& connection, const PersonChange& change) {
  const auto payload_of = [](const auto& row) { return row.text("payload"); };
  while (true) {
    const auto stored = the_row(connection, "person_to_change", payload_of, change.person);
    Result<std::string> payload = change.make(stored ? std::string_view(*stored) : std::string_view());
    if (!payload) return payload;
    if (*payload == "{}") {
      connection.execute("remove_person", change.person);
      return payload;
    }
    const std::string_view statement = stored ? "change_person" : "add_person";
    if (connection.execute(statement, change.person, *payload, change.domain_version, change.at) > 0)
      return payload;
  }
}

// kNotFound: nothing is known of the person.
template <class Connection>
Status insert_erasure(Connection& connection, const TaskId& task, const NewErasure& erasure) {
  if (connection.execute("add_erasure", task, erasure.person, erasure.asked_by) == 0) return unknown_person();
  connection.execute("remove_person", erasure.person);
  return {};
}

struct NotedErasure {
  std::optional<std::string> person;
  std::optional<std::int64_t> last_request;
  std::int64_t last_event = 0;
  Erasure so_far;
};

inline constexpr auto noted_erasure_of = [](const auto& row) {
  NotedErasure noted;
  if (!row.is_null("user_key")) noted.person = row.text("user_key");
  if (!row.is_null("last_request")) noted.last_request = row.integer("last_request");
  noted.last_event = row.integer("last_event");
  noted.so_far = {.asked_by = row.text("asked_by"),
                  .persons = row.integer("persons"),
                  .events = row.integer("events"),
                  .unlinked_events = row.integer("unlinked_events"),
                  .requests = row.integer("requests"),
                  .feedback = row.integer("feedback"),
                  .done = !noted.person.has_value()};
  return noted;
};

struct RequestToUnlink {
  RequestId id;
  std::string payload;
  std::int64_t feedback = 0;
};

inline constexpr auto request_to_unlink_of = [](const auto& row) {
  return RequestToUnlink{RequestId{row.integer("id")}, row.text("payload"), row.integer("feedback")};
};

template <class Connection>
Result<NotedErasure> begun_erasure(Connection& connection, const TaskId& task) {
  auto noted = the_row(connection, "erasure", noted_erasure_of, task);
  if (noted && !noted->last_request) {
    connection.execute("begin_erasure", task);
    noted = the_row(connection, "erasure", noted_erasure_of, task);
  }
  if (!noted)
    return Error{ErrorCode::kNotFound, "Nothing is noted of this erasure: it has to be asked for anew"};
  return *std::move(noted);
}

template <class Connection>
Result<Erasure> erase_some(Connection& connection, const ErasurePortion& portion) {
  Result<NotedErasure> noted = begun_erasure(connection, portion.task);
  if (!noted) return noted.error();
  Erasure& now = noted->so_far;
  if (now.done) return now;
  const std::int64_t events =
      connection.execute("erase_events", *noted->person, noted->last_event, portion.most);
  const std::int64_t unlinked =
      connection.execute("unlink_events", *noted->person, noted->last_event, portion.most);
  const std::vector<RequestToUnlink> requests =
      all_rows(connection, "requests_to_unlink", request_to_unlink_of, *noted->person, *noted->last_request,
               portion.most);
  for (const RequestToUnlink& request : requests) {
    connection.execute("unlink_request", request.id, portion.kept(request.payload));
    connection.execute("forget_known", request.id);
    now.feedback += request.feedback;
  }
  now.events += events;
  now.unlinked_events += unlinked;
  now.requests += static_cast<std::int64_t>(requests.size());
  now.done = events == 0 && unlinked == 0 && requests.empty();
  if (now.done) noted->person.reset();
  connection.execute("keep_erasure", portion.task, noted->person, now.events, now.requests, now.feedback,
                     now.unlinked_events);
  return now;
}

}  // namespace rankloop::storage
