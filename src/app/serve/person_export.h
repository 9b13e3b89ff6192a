// All that is known of one person, as lines of JSON that are made one portion after another:
//   {"kind": "person", "user_key": ..., "fields": {...}, "changed": ..., "requests": 3, "events": 1}
//   {"kind": "request", "task_id": ..., "at": ..., "request": {...}, "shown": [...], "feedback": [...]}
//   {"kind": "event", "event": "click", "item": ..., "value": 1, "at": ..., "received": ...}
//   {"kind": "end", "requests": 3, "events": 1}
// The last line says how many came, so that whoever reads knows whether something is missing. What is told
// meanwhile may be among them or not.
#pragma once

#include <cstdint>
#include <string>

#include "app/serve/item_names.h"
#include "storage/store.h"

namespace rankloop::app {

// Holds a portion at a time. Used by one thread after another.
class PersonExport {
 public:
  PersonExport(PersonKey person, storage::Store& store, ItemNames& names);

  // The next lines, empty after the last. Blocks. kNotFound: nothing is known of the person.
  Result<std::string> next();

 private:
  enum class Part : std::uint8_t { kPerson, kRequests, kEvents, kEnd, kOver };

  Result<std::string> person();
  Result<std::string> requests();
  Result<std::string> events();
  std::string end();
  void write_event(const storage::PersonEvent& event, std::string& out);

  const PersonKey person_;
  storage::Store& store_;
  ItemNames& names_;
  Part part_ = Part::kPerson;
  RequestId last_request_;
  std::int64_t last_event_ = 0;
  std::int64_t requests_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace rankloop::app
