#include "http/routes/training.h"

#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

boost::asio::awaitable<Response> start(Request&) {
  co_return error_response({ErrorCode::kUnimplemented,
                            "This version does not retrain: the model trained at the first start answers"});
}

}  // namespace

std::vector<Route> training_routes() {
  return {{.method = Method::kPost,
           .path = "/train/start",
           .handle = start,
           .operation = "start_training",
           .tag = "training",
           .summary = "Schedule a training",
           .answers = {{501, "This version does not retrain", schema_of("Error")}}}};
}

}  // namespace rankloop::http
