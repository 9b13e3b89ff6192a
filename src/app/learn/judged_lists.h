// Which test requests the gate compares models by, and by which of their rows: judge.h says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/learn/dataset.h"
#include "app/learn/judge.h"
#include "app/learn/list_values.h"
#include "ml/gate.h"
#include "ml/model.h"

namespace rankloop::app {

// A test request that neither model was trained on, with its rows.
struct FreshRequest {
  const TestRequest* about = nullptr;
  std::size_t first = 0;
  std::size_t last = 0;
};

// The rows of the requests that are judged, request by request.
struct Compared {
  std::vector<FreshRequest> requests;  // their rows in `rows`
  std::vector<std::size_t> rows;       // of the test part
  std::optional<double> own_top_shown;
  std::vector<std::string> remarks;

  void begin(const FreshRequest& request) { requests.push_back({request.about, rows.size(), rows.size()}); }
  void take(std::size_t row) {
    rows.push_back(row);
    requests.back().last = rows.size();
  }
};

struct Selection {
  Compared compared;
  ml::Basis basis = ml::Basis::kGiven;
  std::size_t test_requests = 0;  // that could be judged if their lists were in random order
};

// Of the requests that the champion, `models`' one of this id, was not trained on. Ranks the catalog anew for
// lists that models ordered, within 200 million scored rows. Blocks.
Result<Selection> select_requests(const Dataset& dataset, const std::vector<storage::ModelRecord>& models,
                                  const ml::Model& challenger, const Evidence& evidence);

// The requests of the test part that the champion, `models`' one of this id, was not trained on, but for
// imported ones.
RequestSet fresh_requests_of(const Dataset& dataset, const std::vector<storage::ModelRecord>& models,
                             ModelId champion);

}  // namespace rankloop::app
