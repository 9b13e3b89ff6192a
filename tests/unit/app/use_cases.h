// Use cases over a real store in a folder of their own and the queue in memory.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "app/learn/evaluation.h"
#include "app/learn/retraining.h"
#include "app/learn/training.h"
#include "app/serve/catalog.h"
#include "app/serve/hint_relay.h"
#include "app/serve/inference.h"
#include "app/serve/persons.h"
#include "app/serve/recent_inferences.h"
#include "app/serve/replay.h"
#include "app/serve/serving.h"
#include "app/serve/tasks.h"
#include "app/watch/drift.h"
#include "app/watch/position_evidence.h"
#include "app/watch/replay_window.h"
#include "domain/domain.h"
#include "domain/strict_json.h"
#include "queue/memory/memory_queue.h"
#include "storage/store.h"
#include "support/fake_clock.h"
#include "support/temporary_folder.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

// `more`: tables of the domain file.
inline std::shared_ptr<const Domain> film_domain(std::string_view more = {}) {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\n"
      "request.noun = 'viewer'\n"
      "item.noun = 'film'\n"
      "model.features = ['age', 'price']\n"
      "[[request.field]]\nname = 'age'\ntype = 'int'\nminimum = 0\n"
      "[[request.field]]\nname = 'budget'\ntype = 'float'\nrequired = false\n"
      "[[item.field]]\nname = 'creation_time'\ntype = 'time'\nrequired = false\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\nminimum = 0\n" +
          std::string{more},
      "films.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

inline boost::json::value json(std::string_view text) {
  Result<boost::json::value> value = parse_strict_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : boost::json::value{};
}

inline std::string film(std::string_view title, double price = 10) {
  return R"({"title":")" + std::string{title} + R"(","price":)" + std::to_string(price) + "}";
}

// Submits a write and waits for its answer: written<T>([&](auto done) { store.write(..., done); }).
template <class T, class Submit>
Result<T> written(const Submit& submit) {
  const auto answer = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> future = answer->get_future();
  submit(storage::Done<T>{[answer](Result<T> outcome) { answer->set_value(std::move(outcome)); }});
  return future.get();
}

// Whether a state is reached before the deadline; states that no signal tells are looked at again and again.
inline bool reached(const std::function<bool()>& state) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!state()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

class UseCaseFixture : public ::testing::Test {
 protected:
  explicit UseCaseFixture(std::shared_ptr<const Domain> domain = film_domain())
      : domain_(std::move(domain)) {}

  void SetUp() override {
    clock_.advance(std::chrono::seconds{1});
    open_store();
  }

  void open_store() {
    Result<std::unique_ptr<storage::Store>> opened =
        storage::open_store("sqlite:" + (folder_.path() / "rankloop.db").string(), options_, clock_, relay_);
    ASSERT_TRUE(opened) << opened.error().message << " " << opened.error().detail;
    store_ = *std::move(opened);
  }

  // What answers, and the use cases on top of it.
  void start_serving() {
    serving_ = std::make_unique<Serving>(domain_, *store_, hints_, log_, std::size_t{1} << 20);
    const Status status = serving_->start();
    ASSERT_TRUE(status) << status.error().message;
    histories_ =
        std::make_unique<Histories>(domain_, *store_, hints_, *serving_, log_, std::size_t{1} << 20, "");
    catalog_ = std::make_unique<Catalog>(domain_, *store_, *serving_, clock_);
    inference_ = std::make_unique<Inference>(domain_, 1, inference_options_, *store_, *serving_, *histories_,
                                             recent_, metrics_, log_, clock_);
    persons_ = std::make_unique<Persons>(domain_, 1, *store_, std::size_t{1} << 20, clock_);
    tasks_ = std::make_unique<Tasks>(*store_, metrics_);
    replays_ = std::make_unique<Replays>(domain_, 1, *store_, *serving_, inference_options_.best);
    positions_ = std::make_unique<PositionEvidence>(domain_, *store_, *serving_, *replays_);
    training_ = std::make_unique<Training>(domain_, 1, training_options_, *store_, *serving_, metrics_, log_,
                                           clock_, positions_.get());
    window_replays_ = std::make_unique<WindowReplays>(*replays_, *store_, serving_->item_names(), clock_);
    evaluation_ =
        std::make_unique<Evaluation>(domain_, evaluation_options_, 1000, *store_, *serving_, clock_);
    drift_ = std::make_unique<Drift>(*domain_, *store_, clock_);
    retraining_ =
        std::make_unique<Retraining>(retraining_options_, *training_, *drift_, *store_, log_, clock_);
  }

  // Ends everything and opens the same store again, as another start of the program does.
  void restart() {
    retraining_.reset();
    drift_.reset();
    evaluation_.reset();
    training_.reset();
    positions_.reset();
    window_replays_.reset();
    replays_.reset();
    tasks_.reset();
    persons_.reset();
    inference_.reset();
    catalog_.reset();
    histories_.reset();
    serving_.reset();
    store_.reset();
    open_store();
    start_serving();
  }

  void TearDown() override {
    if (store_) store_->close();  // completions of writes still use what is about to go
  }

  Result<std::int64_t> write_items(storage::CatalogWrite write) {
    return written<std::int64_t>(
        [&](auto done) { store_->write_items(std::move(write), std::nullopt, std::move(done)); });
  }

  const rankloop::testing::TemporaryFolder folder_;
  FakeClock clock_;
  telemetry::Logger log_{telemetry::LogLevel::kError, telemetry::LogFormat::kText};
  telemetry::Metrics metrics_;
  queue::memory::MemoryQueue hints_;
  HintRelay relay_{hints_};
  storage::StoreOptions options_{.task_metrics = &metrics_.tasks};
  InferenceOptions inference_options_{.best = 5};
  TrainingOptions training_options_;
  EvaluationOptions evaluation_options_;
  RetrainingOptions retraining_options_;
  std::shared_ptr<const Domain> domain_;
  RecentInferences recent_{std::size_t{1} << 20};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Serving> serving_;
  std::unique_ptr<Histories> histories_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Inference> inference_;
  std::unique_ptr<Persons> persons_;
  std::unique_ptr<Tasks> tasks_;
  std::unique_ptr<Replays> replays_;
  std::unique_ptr<WindowReplays> window_replays_;
  std::unique_ptr<PositionEvidence> positions_;
  std::unique_ptr<Training> training_;
  std::unique_ptr<Evaluation> evaluation_;
  std::unique_ptr<Drift> drift_;
  std::unique_ptr<Retraining> retraining_;
};

}  // namespace rankloop::app
