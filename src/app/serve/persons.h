// People by their own keys: fields that are stored of them and stand in for what a request does not say, what
// is known of one of them, and their erasure.
//
// Stored fields are kept in memory as they are read: for good where no other process can change them, else
// for a second, so that a change is seen everywhere within that time and at once where it was made.
//
// Calls that write answer through `done` (see storage/writes.h); others may read the disk where a comment
// does not say otherwise. Thread-safe. No key is ever logged.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "app/blocking_pool.h"
#include "app/learn/heartbeat.h"
#include "app/lru_cache.h"
#include "app/serve/person_export.h"
#include "app/serve/person_requests.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"
#include "sync/mutex.h"
#include "telemetry/trace.h"

namespace rankloop::app {

class Persons {
 public:
  // `memory`: bytes of stored fields that are kept.
  // `erased` is called when an erasure is done, for what else is known of people in memory; may be empty.
  Persons(std::shared_ptr<const Domain> domain, int domain_version, storage::Store& store, std::size_t memory,
          const Clock& clock, std::function<void()> erased = {});

  enum class Reach { kMemory, kStore };
  // Adds to a request's body what is stored of the person whom it names, as far as it does not say it itself;
  // it is not looked at where the domain stores nothing. False: the person has to be read (kMemory only,
  // which never blocks), and the body is as it was.
  Result<bool> complete(boost::json::value& body, Reach reach);

  // All that is stored from now on, or what changes of it (RFC 7396: null takes a field away). Answers what
  // is stored then, a JSON object. kFailedPrecondition: the domain stores nothing of people; kInvalidArgument
  // with every fault.
  enum class Change { kAll, kSome };
  void change(const PersonKey& person, const boost::json::value& body, Change how,
              std::optional<storage::RecordedAnswer<std::string>> keep, storage::Done<std::string> done);

  // kNotFound: nothing is known of the person.
  Result<storage::PersonRecord> get(const PersonKey& person) { return store_.person(person); }

  // The newest `most` requests, as newest_requests_json().
  Result<std::string> newest_requests(const PersonKey& person, ItemNames& names, int most) {
    return newest_requests_json(store_, names, person, most);
  }

  std::shared_ptr<PersonExport> all_of(const PersonKey& person, ItemNames& names) {
    return std::make_shared<PersonExport>(person, store_, names);
  }

  // Begins an erasure, looking on `pool` first whether there is anything to erase: kNotFound. What is stored
  // of the person is gone when `done` is called. `by`: the role that was shown.
  void erase(const PersonKey& person, std::string by, std::optional<telemetry::TraceContext> trace,
             BlockingPool& pool, storage::Done<storage::TaskRecord> done);

  // The work of a claimed erasure; its result is the receipt.
  Result<storage::JobResult> run(const storage::ClaimedTask& task, Heartbeat& heart);

 private:
  struct Known {
    std::string payload;  // empty: nothing is stored
    Monotonic read;
  };
  using Pointer = std::shared_ptr<const Known>;

  std::optional<PersonKey> wanted_by(const boost::json::value& body) const;
  Pointer known(const PersonKey& person);
  Result<Pointer> read(const PersonKey& person);
  void changed(const PersonKey& person);
  Result<storage::Erasure> erase_some(const TaskId& task);

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  storage::Store& store_;
  const Clock& clock_;
  const std::function<void()> erased_;
  LruCache<PersonKey, Known> kept_;
  // What was read while something changed is not kept: it may be what was there before.
  Mutex mutex_;
  std::uint64_t changes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace rankloop::app
