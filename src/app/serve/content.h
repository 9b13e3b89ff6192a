// What is stored, for reading: users and results. All calls block. Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "storage/inference_ledger.h"

namespace rankloop::app {

// One ranked item with what became of it.
struct ResultRow {
  ResultId id;
  TaskId task;
  RequestId user;
  ItemId item;
  float score = 0;
  bool label = false;  // picked
  int position = 0;    // 1-based; 0: not shown
  std::optional<WallTime> shown_at;
};

// A row as it is ranked, of which nothing is shown or picked yet.
ResultRow ranked_row(InferenceId inference, const TaskId& task, RequestId user, const RankedItem& item,
                     int rank);

struct UserPage {
  std::vector<storage::RequestRecord> users;
  std::int64_t total = 0;
};

struct ResultPage {
  std::vector<ResultRow> rows;
  std::int64_t total = 0;
};

class Content {
 public:
  explicit Content(storage::InferenceLedger& store) : store_(store) {}

  storage::Counts counts() const { return store_.counts(); }  // from memory
  Result<storage::RequestRecord> user(RequestId id);          // kNotFound "User not found"
  Result<UserPage> users(std::int64_t offset, int limit);
  Result<ResultRow> result(ResultId id);  // kNotFound "Result not found"
  // Of one task, best first; kNotFound "Task not found". Empty while the task has not succeeded.
  Result<ResultPage> results(const TaskId& task, std::int64_t offset, int limit);

 private:
  storage::InferenceLedger& store_;
};

}  // namespace rankloop::app
