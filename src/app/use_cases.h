// Everything that can be asked of one domain and its store. A use case is one member here, and the line that
// makes it of what stands before it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "app/learn/history.h"
#include "app/learn/models.h"
#include "app/learn/retraining.h"
#include "app/learn/training.h"
#include "app/serve/catalog.h"
#include "app/serve/content.h"
#include "app/serve/event_counts.h"
#include "app/serve/explanation.h"
#include "app/serve/foreign_results.h"
#include "app/serve/foreign_tasks.h"
#include "app/serve/inference.h"
#include "app/serve/item_payloads.h"
#include "app/serve/item_search.h"
#include "app/serve/kept_answers.h"
#include "app/serve/recent_inferences.h"
#include "app/serve/results.h"
#include "app/serve/serving.h"
#include "app/serve/task_watch.h"
#include "app/serve/tasks.h"
#include "app/watch/drift.h"
#include "app/watch/drift_history.h"
#include "app/watch/loop_flow.h"
#include "app/watch/performance.h"
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
  RetrainingOptions retraining;
  SystemFacts facts;
  queue::ForeignWords foreign_tasks;  // their names; see ForeignTasks
  // Bytes, of what is kept in memory.
  std::size_t item_halves = 0;
  std::size_t recent_results = 0;
  std::size_t item_texts = 0;
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
  Serving serving{on_.domain, on_.store, on_.hints, on_.log, wanted_.item_halves};
  RecentInferences recent{wanted_.recent_results};
  ItemPayloads payloads{on_.store, wanted_.item_texts};
  EventCounts events{on_.store, on_.clock};
  TaskWatch watch{on_.hints, on_.store};
  Tasks tasks{on_.store, on_.metrics};
  Inference inference{on_.domain, on_.domain_version, wanted_.inference, on_.store, serving,
                      recent,     on_.metrics,        on_.log,           on_.clock};
  Results results{*on_.domain, inference, payloads, serving};
  Catalog catalog{on_.domain, on_.store, serving, on_.clock};
  Content content{on_.store};
  Explanations explanations{*on_.domain, on_.store, serving};
  KeptAnswers kept_answers{on_.store, on_.clock};

  // What learns.
  History history{on_.domain, on_.domain_version, on_.store, serving, on_.clock};
  Training training{on_.domain, on_.domain_version, wanted_.training, on_.store,
                    serving,    on_.metrics,        on_.log,          on_.clock};
  Models models{*on_.domain, on_.domain_version, on_.store, serving.item_names(), on_.clock};

  // What watches.
  Drift drift{*on_.domain, on_.store, on_.clock};
  DriftHistory drift_history{*on_.domain, on_.store, on_.clock};
  Performance performance{on_.store, on_.clock};
  ItemSearch item_search{on_.store, serving, performance, on_.clock};
  LoopFlow loop{on_.store, on_.clock, training.needs()};
  SystemReport system{wanted_.facts, on_.store, on_.hints, on_.clock};
  Retraining retraining{wanted_.retraining, training, drift, on_.store, on_.log, on_.clock};

  // Of other programs, where the queue reaches some; made by open().
  std::optional<ForeignResults> foreign_results;
  std::optional<ForeignTasks> foreign_tasks;
};

}  // namespace rankloop::app
