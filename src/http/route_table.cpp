// Calls the file of each subject for its routes.
#include "http/route_table.h"

#include <iterator>
#include <utility>

#include "http/openapi.h"
#include "http/routes/content.h"
#include "http/routes/docs.h"
#include "http/routes/domain.h"
#include "http/routes/evaluations.h"
#include "http/routes/examples.h"
#include "http/routes/experiments.h"
#include "http/routes/feedback.h"
#include "http/routes/histories.h"
#include "http/routes/imports.h"
#include "http/routes/inference.h"
#include "http/routes/items.h"
#include "http/routes/loop.h"
#include "http/routes/models.h"
#include "http/routes/monitoring.h"
#include "http/routes/persons.h"
#include "http/routes/replay.h"
#include "http/routes/simulate.h"
#include "http/routes/state.h"
#include "http/routes/system.h"
#include "http/routes/tasks.h"
#include "http/routes/training.h"

namespace rankloop::http {
namespace {

void append(std::vector<Route>& routes, std::vector<Route> more) {
  routes.insert(routes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<Route> route_table(Services& services, bool token_asked) {
  std::vector<Route> routes;
  append(routes, inference_routes(services));
  append(routes, feedback_routes(services));
  append(routes, person_routes(services));
  append(routes, history_routes(services));
  append(routes, training_routes(services));
  append(routes, content_routes(services));
  append(routes, item_routes(services));
  append(routes, import_routes(services));
  append(routes, domain_routes(services));
  append(routes, task_routes(services));
  append(routes, model_routes(services));
  append(routes, evaluation_routes(services));
  append(routes, experiment_routes(services));
  append(routes, monitoring_routes(services));
  append(routes, replay_routes(services));
  append(routes, loop_routes(services));
  append(routes, system_routes(services.system));
  append(routes, state_routes(services));
  append(routes, simulate_routes(services));
  const ApiFacts facts{services.best, services.system.version, token_asked, example_item(services)};
  add_docs_routes(routes, openapi_document(routes, services.domain, facts), services.system.version);
  return routes;
}

}  // namespace rankloop::http
