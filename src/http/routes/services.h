// What the routes work with. References only; everything outlives the server's run().
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "app/use_cases.h"
#include "domain/domain.h"
#include "http/await.h"
#include "http/routes/domain_control.h"
#include "http/routes/guest_traffic.h"
#include "http/routes/waits.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::http {

// Of every process that answers at all.
struct SystemServices {
  const Domain& domain;
  telemetry::Metrics& metrics;
  telemetry::Logger& log;
  BlockingPool& reads;            // for reads that touch the disk
  std::function<Status()> ready;  // blocks: may this process do its work?
  std::string version;
  std::string revision;
  std::string store_kind;
  std::string queue_kind;
};

// Of a server.
struct Services {
  SystemServices system;
  const Domain& domain;
  app::UseCases& app;
  GuestTraffic& guests;
  Waits& waits;
  BlockingPool& reads;  // for reads that touch the disk
  BlockingPool& lists;  // one thread: long lists and reports, so that short reads never wait for them
  BlockingPool& catalog_changes;  // one thread: changes of the catalog and imports of items
  BlockingPool& history_imports;  // one thread
  std::stop_token ending;         // long work gives up: the time for a clean end is over
  BlockingPool& searches;         // one thread: looks through the catalog
  std::string settings;           // what GET /settings answers: no secret is in it
  std::size_t max_artefact = 0;   // bytes
  std::size_t max_import = 0;     // bytes
  int best = 0;                   // the most items a ranking keeps
  DomainControl& domain_control;
};

}  // namespace rankloop::http
