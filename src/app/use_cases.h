// Everything that can be asked of one domain and its store. A use case is one member here, and the line that
// makes it of what stands before it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "app/learn/evaluation.h"
#include "app/learn/experiments.h"
#include "app/learn/history.h"
#include "app/learn/models.h"
#include "app/learn/retraining.h"
#include "app/learn/training.h"
#include "app/serve/catalog.h"
#include "app/serve/content.h"
#include "app/serve/event_counts.h"
#include "app/serve/explanation.h"
#include "app/serve/feedback.h"
#include "app/serve/foreign_results.h"
#include "app/serve/foreign_tasks.h"
#include "app/serve/histories.h"
#include "app/serve/history_values.h"
#include "app/serve/inference.h"
#include "app/serve/item_payloads.h"
#include "app/serve/item_search.h"
#include "app/serve/kept_answers.h"
#include "app/serve/persons.h"
#include "app/serve/recent_inferences.h"
#include "app/serve/replay.h"
#include "app/serve/results.h"
#include "app/serve/serving.h"
#include "app/serve/task_watch.h"
#include "app/serve/tasks.h"
#include "app/watch/drift.h"
#include "app/watch/drift_history.h"
#include "app/watch/experiment_ramp.h"
#include "app/watch/experiment_report.h"
#include "app/watch/loop_flow.h"
#include "app/watch/performance.h"
#include "app/watch/position_evidence.h"
#include "app/watch/replay_window.h"
#include "app/watch/system_report.h"

namespace rankloop::app {

// What use cases stand on. All of it outlives them.
struct Foundation {
  std::shared_ptr<const Domain> domain;
  int domain_version;  // the stored one
  storage::Store& store;
  queue::HintQueue& hints;
  telemetry::Metrics& metrics;
  telemetry::Logger& log;
  const Clock& clock;
};

struct UseCaseOptions {
  InferenceOptions inference;
  TrainingOptions training;
  EvaluationOptions evaluation;
  RetrainingOptions retraining;
  SystemFacts facts;
  ForeignNames foreign_tasks;
  // Bytes, of what is kept in memory.
  std::size_t item_halves = 0;
  std::size_t recent_results = 0;
  std::size_t item_texts = 0;
  std::size_t people = 0;  // their histories
  std::size_t persons = 0;
  std::string history_file{};  // where what happened is kept folded; empty: nowhere
};

class UseCases {
  const Foundation on_;
  const UseCaseOptions wanted_;

 public:
  UseCases(Foundation on, UseCaseOptions wanted) : on_(std::move(on)), wanted_(std::move(wanted)) {}
  UseCases(const UseCases&) = delete;
  UseCases& operator=(const UseCases&) = delete;

  // Brings catalog and models into memory, and lets other programs in where the queue reaches some.
  Status open();

  // What answers.
  Serving serving{on_.domain,
                  on_.store,
                  on_.hints,
                  on_.log,
                  wanted_.item_halves,
                  wanted_.inference.explore.policy == PolicyKind::kThompson ? ml::kPosteriorDraws : 0};
  Histories histories{on_.domain, on_.store,      on_.hints,           serving,
                      on_.log,    wanted_.people, wanted_.history_file};
  RecentInferences recent{wanted_.recent_results};
  ItemPayloads payloads{on_.store, wanted_.item_texts};
  EventCounts events{on_.store, on_.clock};
  TaskWatch watch{on_.hints, on_.store};
  Tasks tasks{on_.store, on_.metrics};
  Inference inference{on_.domain, on_.domain_version, wanted_.inference, on_.store, serving, histories,
                      recent,     on_.metrics,        on_.log,           on_.clock};
  Results results{*on_.domain, inference, payloads, serving};
  FeedbackEvents feedback{*on_.domain, inference, on_.store, serving, on_.metrics, on_.clock};
  Persons persons{on_.domain,      on_.domain_version, on_.store,
                  wanted_.persons, on_.clock,          [this] { histories.forget_people(); }};
  HistoryValues history_values{on_.domain, on_.store, histories, serving, on_.clock};
  Catalog catalog{on_.domain, on_.store, serving, on_.clock};
  Content content{on_.store};
  Explanations explanations{*on_.domain, on_.store, serving};
  Replays replays{on_.domain, on_.domain_version, on_.store, serving, wanted_.inference.best};
  PositionEvidence positions{on_.domain, on_.store, serving, replays};
  KeptAnswers kept_answers{on_.store, on_.clock};

  // What learns.
  History history{on_.domain, on_.domain_version, on_.store, serving, on_.clock};
  Training training{on_.domain, on_.domain_version, wanted_.training, on_.store, serving, on_.metrics,
                    on_.log,    on_.clock,          &positions};
  Evaluation evaluation{on_.domain, wanted_.evaluation, wanted_.training.dataset.window, on_.store,
                        serving,    on_.clock};
  Models models{*on_.domain, on_.domain_version, on_.store, serving.item_names(), on_.clock};

  ExperimentChanges experiments{*on_.domain, on_.store, on_.clock};

  // What watches.
  Drift drift{*on_.domain, on_.store, on_.clock};
  DriftHistory drift_history{*on_.domain, on_.store, on_.clock};
  Performance performance{*on_.domain, wanted_.training.dataset.target, positions, on_.clock};
  ItemSearch item_search{on_.store, serving, performance, on_.clock};
  ExperimentReports experiment_reports{*on_.domain, on_.store, on_.clock};
  ExperimentRamp experiment_ramp{experiments, experiment_reports, on_.log, on_.clock};
  LoopFlow loop{on_.store, on_.clock, training.needs()};
  WindowReplays window_replays{replays, on_.store, serving.item_names(), on_.clock};
  SystemReport system{wanted_.facts, on_.store, on_.hints, on_.clock};
  Retraining retraining{wanted_.retraining, training, drift, on_.store, on_.log, on_.clock};

  // Of other programs, where the queue reaches some; made by open().
  std::optional<ForeignResults> foreign_results;
  std::optional<ForeignTasks> foreign_tasks;
};

}  // namespace rankloop::app
