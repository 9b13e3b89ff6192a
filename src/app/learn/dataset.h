// The dataset: what was shown and what became of it, as rows to train and to judge on.
//
// One row for each item that was shown in a request with an outcome: picked 1, not picked 0; "none chosen" is
// all 0. A request without an outcome is counted and left out. Whole requests, in the order of their numbers
// and, where they were imported, of their own times: the older ones train, later ones validate, the newest
// test. Imported history is not in the test part unless options say so: always, or where no other request has
// an outcome. Every row has the values that its item had when it was ranked, and texts are matched with what
// the catalog of then knew of them.
//
// What was read far down a list was hardly looked at: rows beyond `most_shown` are left out, and a pick there
// is no outcome. A person with more than `person_limit` requests weighs as much as that many.
//
// A label is what came of the item by the domain's kinds of feedback (outcome.h). Where imported history
// counts people (an item picked by 531 of 2,000), it is that of each of the choosers on average, and a row's
// weight is their number; otherwise a request is one chooser. A request that awaits more is left out until
// then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/learn/lineage.h"
#include "app/learn/outcome.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/labelled_rows.h"
#include "storage/learning_reads.h"

namespace rankloop::app {

struct DatasetOptions {
  std::int64_t window = 100'000;  // the newest requests with an outcome; 0: all
  double test_share = 0.2;        // of the requests, the newest
  double validation_share = 0.1;  // of the requests before those, the newest
  std::size_t most_shown = 0;     // ranks of a list that count as shown; 0: all. Imported lists count whole
  std::size_t person_limit = 0;   // 0: no bound
  bool judge_imported = false;    // let imported history into the test part
  bool judge_imported_alone = false;  // only where there is nothing else
  LearningTarget target{};            // what labels are
};

struct DatasetPart {
  ml::LabelledRows rows;
  std::vector<std::uint8_t> randomised;  // [rows] 1: its list was a uniform draw
};

// One request of the test part, for what looks at whole catalogs.
struct TestRequest {
  InferenceId id;
  std::uint64_t person = 0;  // requests with one user_key share it
  ModelId logged_by;         // the model whose list was shown
  WallTime at;               // when it was asked
  bool imported = false;
  bool randomised = false;  // its list was a uniform draw
  Values values;            // of domain.requests
  std::int64_t known = 0;   // the position of the ledger up to which history was known to it
  bool named = false;       // who asked said who it is: `person` is the number of that user_key
  ml::Person known_person() const { return named ? person : 0; }
};

struct Dataset {
  DatasetPart train;
  DatasetPart validation;
  DatasetPart test;
  std::vector<TestRequest> test_requests;  // in the order of the test rows
  LearningTarget target;                   // what its labels are
  Lineage lineage;
};

// Streams the store; holds the dataset itself, and the values of the items that were shown. Blocks.
// kAborted: "training was cancelled", when a stop was requested.
Result<Dataset> read_dataset(storage::LearningReads& store, const Domain& domain,
                             const DatasetOptions& options, const std::stop_token& stop);

// The rows of the newest `requests` shown requests, with or without an outcome: what drift is measured on,
// which asks for no crosses. kAborted when a stop was requested.
enum class RecentRows { kFeatures, kWithCrosses };
Result<ml::LabelledRows> read_recent_rows(storage::LearningReads& store, const Domain& domain,
                                          std::int64_t requests, RecentRows wanted,
                                          const std::stop_token& stop = {});

}  // namespace rankloop::app
