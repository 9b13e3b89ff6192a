// Requests as they are asked, ranked, shown and picked from. See writes.h for threads and errors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

class InferenceLedger {
 public:
  virtual ~InferenceLedger() = default;

  // The user, the inference, the task and (by view) its event, in one transaction. kAlreadyExists: the task
  // is there, and nothing was changed.
  virtual void start_inference(NewInference request, std::optional<RecordedAnswer<StartedInference>> keep,
                               Done<StartedInference> done) = 0;
  // The ranking, what other models would have answered (`shadows`, of distinct models), and the task's final
  // state, in one transaction. kAborted: the lease is no longer held (another fence, cancelled, or already
  // terminal); nothing was changed. kInvalidArgument: a ranking has more than kMaxRank items, or two shadows
  // are of one model.
  virtual void finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows,
                                WallTime at, Done<StartedInference> done) = 0;
  // Marks ranks as shown; answers the exposures of the inference as they are after the commit.
  virtual void record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) = 0;
  // kFailedPrecondition: of an item at a rank that was never shown; kAlreadyExists: its event_id is there.
  // "None chosen" is recorded of any inference there is; it is no evidence when nothing was shown before.
  virtual void record_feedback(NewFeedback feedback, std::optional<RecordedAnswer<Exposure>> keep,
                               Done<Exposure> done) = 0;  // answers the exposure that showed the pick
  // kAlreadyExists: its event_id is there, also when it came with a ranking.
  virtual void record_person_event(NewPersonEvent event, Done<void> done) = 0;
  // History of another system, in one transaction: for each a user, an inference (source "import") whose task
  // has succeeded, a ranking without scores (policy "imported", no model), one exposure of all of it, and the
  // feedback. A few hundred at once. A request whose key is there with the same content is left out.
  // kInvalidArgument: feedback names an item or a rank that was not shown; kAlreadyExists: a key is there
  // with other content, or a task is there already.
  virtual void import_requests(std::vector<ImportedRequest> requests, std::int64_t catalog_version,
                               Done<ImportedCounts> done) = 0;
  virtual void count_events(std::vector<EventCount> counts, Done<void> done) = 0;
  virtual Result<InferenceRecord> inference(const TaskId& task) = 0;
  virtual Result<InferenceRecord> inference(InferenceId id) = 0;
  virtual Result<RankedInference> ranked(const TaskId& task) = 0;
  // In order of the models' ids; empty when there are none.
  virtual Result<std::vector<Ranking>> shadow_rankings(InferenceId inference) = 0;
  virtual Result<RequestRecord> user(RequestId id) = 0;
  virtual Result<std::vector<RequestRecord>> users(std::int64_t offset, int limit) = 0;
  virtual Counts counts() const noexcept = 0;  // from memory
};

}  // namespace rankloop::storage
