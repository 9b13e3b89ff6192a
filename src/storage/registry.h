// Models: who answers, with which share, and how it came to that. See writes.h for threads and errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

// Every change of the models raises registry_version() and adds to their history in its own transaction.
class Registry {
 public:
  virtual ~Registry() = default;

  // Artefact, model and history ("promoted" when it becomes the champion, else what the gate said against it,
  // or "trained"; then "shadow" if it ranks in the shadow). kFailedPrecondition: the artefact is larger than
  // StoreOptions allow.
  virtual void add_model(NewModel model, Done<ModelId> done) = 0;
  // Makes a model the champion, with all the traffic and out of the shadow. The champion answers again and
  // nothing is written. kNotFound.
  virtual void promote_model(ModelId model, ModelChange change,
                             std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Promotes the model that was champion before the present one; once more goes one further back. Answers it.
  // kFailedPrecondition: there was none before.
  virtual void rollback_model(ModelChange change, std::optional<RecordedAnswer<ModelRecord>> keep,
                              Done<ModelRecord> done) = 0;
  // Gives a challenger a share of the traffic, in [0, 1); the champion keeps what all others leave.
  // kNotFound; kInvalidArgument: outside that range; kFailedPrecondition: less is left, it is the champion,
  // or there is none.
  virtual void share_traffic(ModelId model, double share, ModelChange change,
                             std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Lets a challenger rank beside whatever answers, or no longer. kNotFound; kFailedPrecondition: the
  // champion.
  virtual void shadow_model(ModelId model, bool shadow, ModelChange change,
                            std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Takes a model out, and its artefact unless another one has the same bytes. Its history stays, and its
  // number is never given again. Answers it as it was. kNotFound; kFailedPrecondition: it answers somebody,
  // ranks in the shadow, or is what rollback_model() goes back to.
  virtual void remove_model(ModelId model, ModelChange change,
                            std::optional<RecordedAnswer<ModelRecord>> keep, Done<ModelRecord> done) = 0;
  // Removes artefacts that no model names; answers how many.
  virtual void forget_orphans(Done<std::int64_t> done) = 0;
  virtual Result<std::vector<ModelRecord>> models() = 0;
  // Newest first; only rows older than `before` when given.
  virtual Result<std::vector<ModelEvent>> model_history(std::optional<std::int64_t> before, int limit) = 0;
  // Of every model that has shown anything, by id; 0: a random order. Kept up to date by the writes.
  virtual Result<std::vector<ModelCounts>> model_counts() = 0;
  // kNotFound; kFailedPrecondition: it is larger than StoreOptions allow, and was not read.
  virtual Result<std::string> artefact(const std::string& hash) = 0;
  virtual std::int64_t registry_version() const noexcept = 0;
};

}  // namespace rankloop::storage
