// What the routes work with. References only; everything outlives the server's run().
#pragma once

#include <functional>
#include <string>

#include "app/catalog.h"
#include "app/content.h"
#include "app/drift.h"
#include "app/event_counts.h"
#include "app/explanation.h"
#include "app/history.h"
#include "app/inference.h"
#include "app/item_payloads.h"
#include "app/models.h"
#include "app/performance.h"
#include "app/serving.h"
#include "app/task_watch.h"
#include "app/tasks.h"
#include "app/training.h"
#include "domain/domain.h"
#include "http/await.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::http {

struct Services {
  const Domain& domain;
  app::Inference& inference;
  app::Training& training;
  app::Models& models;
  app::Explanations& explanations;
  app::Drift& drift;
  app::Performance& performance;
  app::Tasks& tasks;
  app::Catalog& catalog;
  app::History& history;
  app::Content& content;
  app::Serving& serving;
  app::ItemPayloads& payloads;
  app::EventCounts& events;
  app::TaskWatch& watch;
  telemetry::Metrics& metrics;
  telemetry::Logger& log;
  Inbox& inbox;
  BlockingPool& reads;            // for reads that touch the disk
  BlockingPool& catalog_changes;  // one thread: changes of the catalog and imports
  std::function<Status()> ready;  // blocks: may this process take requests?
  std::string version;
  std::string revision;
  std::string store_kind;
  std::string queue_kind;
  std::size_t max_import = 0;  // bytes
  int best = 0;                // the most items a ranking keeps
};

}  // namespace rankloop::http
