// People by their own keys: what is stored of them, what they asked and did, and their erasure. See writes.h
// for threads and errors.
//
// An erasure is a job (NewJob::erasure): what is stored of the person goes when it is asked for, the rest in
// portions, whose counts stand in the ledger beside it. Killed at any moment it goes on. What a person tells
// after the first portion is another person's, of whom nothing else is known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

struct PersonChange {
  PersonKey person;
  // What is to be stored, of what is (empty: nothing); "{}" stores nothing. Called on the writer's thread,
  // perhaps more than once: it must be short. Its errors refuse the change.
  std::function<Result<std::string>(std::string_view stored)> make;
  int domain_version = 0;
  WallTime at;
};

struct PersonRecord {
  std::string payload{};              // stored fields; empty: none
  std::optional<WallTime> changed{};  // these
  std::int64_t requests = 0;
  std::int64_t events = 0;               // that belong to no ranking
  std::optional<WallTime> first_seen{};  // by requests and events
  std::optional<WallTime> last_seen{};
};

struct PersonEvent {
  std::int64_t id = 0;
  ItemId item;
  std::string kind;
  double value = 1;
  WallTime at;        // when it happened
  WallTime received;  // and when it was told
  std::string event_id{};
};

struct ErasurePortion {
  TaskId task;
  int most = 1;  // rows of each kind
  // What may stay of a request's payload. As PersonChange::make.
  std::function<std::string(std::string_view payload)> kept;
};

// How far an erasure is.
struct Erasure {
  std::string asked_by;
  std::int64_t persons = 0;          // removed: stored fields of so many
  std::int64_t events = 0;           // removed
  std::int64_t unlinked_events = 0;  // that histories of items count
  std::int64_t requests = 0;         // unlinked
  std::int64_t feedback = 0;         // that these had
  bool done = false;                 // nothing of the person is left, its key neither
};

class Persons {
 public:
  virtual ~Persons() = default;

  // Answers what is stored now.
  virtual void change_person(PersonChange change, std::optional<RecordedAnswer<std::string>> keep,
                             Done<std::string> done) = 0;
  // Removes and unlinks some more. kNotFound: no such erasure is under way.
  virtual void erase_portion(ErasurePortion portion, Done<Erasure> done) = 0;
  // What is noted of erasures whose tasks had ended by then goes, the keys of those that came to nothing with
  // it.
  virtual void forget_erasures(WallTime ended_by, Done<void> done) = 0;
  // What is stored; empty: nothing.
  virtual Result<std::string> stored_of_person(const PersonKey& person) = 0;
  // kNotFound: nothing is known.
  virtual Result<PersonRecord> person(const PersonKey& person) = 0;
  // In order of their numbers, those with greater ones than `after`. A request has the number of its
  // inference.
  virtual Result<std::vector<RequestRecord>> requests_of(const PersonKey& person, RequestId after,
                                                         int limit) = 0;
  // The newest first.
  virtual Result<std::vector<RequestRecord>> newest_requests_of(const PersonKey& person, int limit) = 0;
  virtual Result<std::vector<PersonEvent>> events_of(const PersonKey& person, std::int64_t after,
                                                     int limit) = 0;
};

}  // namespace rankloop::storage
