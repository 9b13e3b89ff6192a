// Experiments: arms that share a slice of the traffic, what became of them, and the requests that they
// answered. See writes.h for threads and errors.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/hash_circle.h"
#include "domain/ids.h"
#include "domain/ledger_words.h"
#include "domain/policy.h"
#include "domain/ranking.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

struct ExperimentArm {
  ArmId id;  // given by the store
  std::string name;
  ModelId model;     // 0: whoever is the champion
  double share = 0;  // of the traffic, at full exposure
};

struct NewExperiment {
  std::string name;
  ExperimentUnit unit = ExperimentUnit::kPerson;
  std::optional<Interleaving> interleaving{};  // none: each arm answers by itself
  std::vector<ExperimentArm> arms;             // the first is the control
  std::string design;                          // JSON object: what it measures and when it ends
};

struct ExperimentRecord {
  ExperimentId id;
  std::string name;
  ExperimentUnit unit = ExperimentUnit::kPerson;
  std::optional<Interleaving> interleaving{};
  ExperimentState state = ExperimentState::kDraft;
  std::vector<ExperimentArm> arms;
  std::string design;
  CircleRanges slice;         // of the layer of all traffic, while it runs
  double exposure = 0;        // of their shares, that the arms have
  InferenceId after_request;  // the last one before it started
  WallTime created;
  std::optional<WallTime> started;
  std::optional<WallTime> ramped;  // when the exposure was set
  std::optional<WallTime> ended;
  std::optional<Conclusion> conclusion;
  std::string winner;  // an arm's name, or empty
};

// What happens to an experiment.
struct ExperimentChange {
  ExperimentId id;
  ExperimentEventKind what = ExperimentEventKind::kStarted;  // all but kCreated
  double exposure = 1;                                       // of kStarted and kRamped
  Conclusion conclusion = Conclusion::kAbandoned;            // of kConcluded
  std::string winner{};                                      // likewise; an arm's name, or empty
};

// A row of an experiment's history; it is never changed.
struct ExperimentEvent {
  std::int64_t id = 0;  // counted from 1 over all experiments
  WallTime at;
  ExperimentEventKind what = ExperimentEventKind::kCreated;
  ExperimentId experiment;
  std::string actor;
  std::string reason;
  std::string detail;  // JSON or empty
  std::string remark;
};

// A request that was shown, and what was told of it.
struct RequestOutcome {
  InferenceId id;
  PersonKey person;  // empty: who asked did not say
  WallTime created;
  std::vector<Feedback> feedback;  // that is evidence, in order of arrival
};

// A request that an arm answered, or both of them.
struct ArmRequest {
  RequestOutcome request;
  ArmId arm;
  ModelId model;  // that ranked: the champion where the arm's own could not be loaded
  TaskId task;
  std::string payload{};            // empty unless it was asked for
  PolicyText policy{};              // of an interleaved list; it names the models
  std::vector<Placement> placed{};  // likewise; empty: one model answered
};

class Experiments {
 public:
  virtual ~Experiments() = default;

  // Every change adds to the history of its experiment in its own transaction; who makes it and why is told
  // as with models. One that changes who answers raises registry_version().

  // A draft. kInvalidArgument: an arm's model is not there, or two arms have one name.
  virtual void add_experiment(NewExperiment experiment, ModelChange by,
                              std::optional<RecordedAnswer<ExperimentRecord>> keep,
                              Done<ExperimentRecord> done) = 0;
  // A draft may start or be abandoned; one that runs may be ramped, stopped and concluded; a stopped one may
  // be concluded. kNotFound; kFailedPrecondition: its state does not allow it, or of the traffic less is free
  // than its arms are to have; kInvalidArgument: it has no such arm that could win.
  virtual void change_experiment(ExperimentChange change, ModelChange by,
                                 std::optional<RecordedAnswer<ExperimentRecord>> keep,
                                 Done<ExperimentRecord> done) = 0;
  virtual Result<std::vector<ExperimentRecord>> experiments() = 0;  // by number
  virtual Result<ExperimentRecord> experiment(ExperimentId id) = 0;
  // Newest first; only rows older than `before` when given.
  virtual Result<std::vector<ExperimentEvent>> experiment_history(ExperimentId id,
                                                                  std::optional<std::int64_t> before,
                                                                  int limit) = 0;
  // Requests that arms of the experiment answered and of which anything was shown, with greater numbers than
  // `after`, in order of their numbers, streamed from one snapshot; `visit` answers false to stop. It must
  // neither throw nor read from the store. kDataLoss: what models placed is damaged.
  virtual Status each_of_experiment(ExperimentId id, InferenceId after, bool with_payload,
                                    const std::function<bool(const ArmRequest&)>& visit) = 0;
  // Likewise shown requests of people who told their keys, with numbers in (after, until].
  virtual Status each_outcome(InferenceId after, InferenceId until,
                              const std::function<bool(const RequestOutcome&)>& visit) = 0;
};

}  // namespace rankloop::storage
