// What becomes of a task's ranking: its results are read and shown, one of them is chosen, or none.
//
// Each is one call. What memory knows is used in the caller's thread; what only the disk knows is read on
// `pool`, which outlives the call. `done` is called once, in the caller's thread, the pool's or the writer's
// (see storage/writes.h): it must be short and must not block or throw. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "app/blocking_pool.h"
#include "app/serve/content.h"
#include "app/serve/inference.h"
#include "app/serve/item_payloads.h"
#include "app/serve/serving.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "domain/item_keys.h"
#include "domain/ledger_words.h"

namespace rankloop::app {

// How results are looked at.
struct Look {
  int limit = 10;                         // the best so many
  std::optional<ExposureSource> shown{};  // by what they are shown; nothing: a peek, which leaves no trace
};

struct NoneChosen {};
// What a person chose of the results that were shown.
using Choice = std::variant<NoneChosen, ItemName>;

// A choice as it was recorded.
struct Chosen {
  std::optional<ResultRow> result;  // nothing: none was chosen
};

class Results {
 public:
  Results(const Domain& domain, Inference& inference, ItemPayloads& payloads, const Serving& serving)
      : domain_(domain), inference_(inference), payloads_(payloads), serving_(serving) {}

  // The best results as a JSON array (see results_json.h); marks them as shown. kNotFound "Task not found";
  // kFailedPrecondition: the task has not succeeded.
  void read(const TaskId& task, Look look, BlockingPool& pool, storage::Done<std::string> done);

  // Records a choice. `task`: nothing when the text that named it is no id. `keep` is asked only once the
  // choice comes to be written. kNotFound: no such task, or it did not rank that item; kFailedPrecondition:
  // the item was never shown, or the task has not succeeded (which does not matter where none was chosen).
  void choose(const std::optional<TaskId>& task, const Choice& choice,
              std::optional<storage::RecordedAnswer<Chosen>> keep, BlockingPool& pool,
              storage::Done<Chosen> done);

 private:
  using Ended = std::shared_ptr<const EndedInference>;

  template <class Next>
  void with_ended(const TaskId& task, BlockingPool& pool, Next next);
  void answer(const Ended& ended, Look look, std::span<const Payload> payloads,
              storage::Done<std::string> done);
  void choose_none(const TaskId& task, std::optional<storage::RecordedAnswer<Chosen>> keep,
                   BlockingPool& pool, storage::Done<Chosen> done);
  void choose_named(const Ended& ended, const ItemName& item,
                    std::optional<storage::RecordedAnswer<Chosen>> keep, BlockingPool& pool,
                    storage::Done<Chosen> done);
  void choose_one(const Ended& ended, ItemId item, std::optional<storage::RecordedAnswer<Chosen>> keep,
                  storage::Done<Chosen> done);
  Error not_found() const;

  const Domain& domain_;
  Inference& inference_;
  ItemPayloads& payloads_;
  const Serving& serving_;
};

}  // namespace rankloop::app
