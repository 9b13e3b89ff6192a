// What every store must do, as one suite over factories: a new store is one more line in
// store_factories_test.cpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "storage/store.h"
#include "support/fake_clock.h"
#include "sync/mutex.h"

namespace rankloop::storage {

// An empty place that a store can be opened in, closed and opened again; gone with the object.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::string url() const = 0;
  // For a store that goes by a clock of its own, not by the one it is opened with.
  virtual void set_time(WallTime) {}
};

// A clock that stands still until a test moves it, and the store's own clock with it.
class PlaceClock final : public Clock {
 public:
  WallTime wall() const override { return clock_.wall(); }
  Monotonic monotonic() const override { return clock_.monotonic(); }
  void advance(std::chrono::milliseconds by) {
    clock_.advance(by);
    place_->set_time(wall());
  }
  void use(StorePlace& place) { place_ = &place; }

 private:
  FakeClock clock_;
  StorePlace* place_ = nullptr;
};

struct StoreFactory {
  std::string name;
  std::unique_ptr<StorePlace> (*make)();
};

std::vector<StoreFactory> store_factories();
StoreFactory store_factory(const std::string& name);

// Remembers what it heard.
class RecordingListener : public StoreListener {
 public:
  void task_ready(TaskKind, const TaskId& id) noexcept override {
    const Lock lock(mutex_);
    ready_.push_back(id);
  }
  void task_changed(const TaskId& id, TaskState state) noexcept override {
    const Lock lock(mutex_);
    changes_.emplace_back(id, state);
  }
  void catalog_changed(std::int64_t version) noexcept override {
    const Lock lock(mutex_);
    catalog_ = version;
  }
  void registry_changed(std::int64_t version) noexcept override {
    const Lock lock(mutex_);
    registry_ = version;
  }

  std::int64_t times_ready(const TaskId& id) const {
    const Lock lock(mutex_);
    return std::count(ready_.begin(), ready_.end(), id);
  }
  std::vector<TaskState> changes_of(const TaskId& id) const {
    const Lock lock(mutex_);
    std::vector<TaskState> states;
    for (const auto& [task, state] : changes_) {
      if (task == id) states.push_back(state);
    }
    return states;
  }
  std::int64_t catalog() const {
    const Lock lock(mutex_);
    return catalog_;
  }
  std::int64_t registry() const {
    const Lock lock(mutex_);
    return registry_;
  }

 private:
  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::vector<TaskId> ready_;
  std::vector<std::pair<TaskId, TaskState>> changes_;
  std::int64_t catalog_ = 0;
  std::int64_t registry_ = 0;
};

// Submits a write and waits for its answer: await<T>([&](auto done) { store.write(..., done); }).
template <class T, class Submit>
Result<T> await(const Submit& submit) {
  const auto answer = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> future = answer->get_future();
  submit(Done<T>([answer](Result<T> result) { answer->set_value(std::move(result)); }));
  return future.get();
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorCode::kInternal : result.error().code;
}

class StoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    place_ = GetParam().make();
    clock_.use(*place_);
    open();
  }

  void open() {
    auto opened = open_store(place_->url(), options_, clock_, listener_);
    ASSERT_TRUE(opened) << opened.error().message << " " << opened.error().detail;
    store_ = *std::move(opened);
  }
  void reopen() {
    store_.reset();
    open();
  }

  TaskId new_id() {
    ++ids_;
    return TaskId::make(clock_.wall().time_since_epoch().count(), ids_ >> 6, ids_ << 40);
  }
  NewInference request() {
    NewInference made;
    made.task = new_id();
    made.payload = R"({"name":"Ada","people_num":2})";
    made.values.numbers = {1, 2};
    made.domain_version = 1;
    made.at = clock_.wall();
    return made;
  }
  Result<StartedInference> start(NewInference request,
                                 std::optional<RecordedAnswer<StartedInference>> keep = {}) {
    return await<StartedInference>(
        [&](auto done) { store_->start_inference(std::move(request), keep, done); });
  }
  TaskId started() {
    NewInference made = request();
    const TaskId id = made.task;
    EXPECT_TRUE(start(std::move(made)));
    return id;
  }
  // The lease on one task; a fence of 0 when it cannot be had.
  Lease claim(const TaskId& id, TaskKind kind = TaskKind::kInference) {
    const auto claimed = store_->claim(kind, std::span(&id, 1), 1);
    EXPECT_TRUE(claimed);
    if (!claimed || claimed->size() != 1) return {id, 0};
    return claimed->front().lease;
  }
  static Ranking ranking(int size = 3) {
    Ranking made;
    for (int i = 0; i < size; ++i)
      made.items.push_back({ItemId{100 + i}, 0.9F - 0.01F * static_cast<float>(i), 1});
    made.model = ModelId{7};
    made.seed = 0xfedc'ba98'7654'3210U;
    made.catalog_version = 4;
    made.domain_version = 1;
    return made;
  }
  Result<StartedInference> finish(const Lease& lease, Ranking made = ranking()) {
    return await<StartedInference>(
        [&](auto done) { store_->finish_inference(lease, std::move(made), {}, clock_.wall(), done); });
  }
  // A finished inference of `size` results.
  std::pair<TaskId, InferenceId> finished(int size = 3) {
    const TaskId id = started();
    const Result<StartedInference> outcome = finish(claim(id), ranking(size));
    EXPECT_TRUE(outcome);
    return {id, outcome ? outcome->inference : InferenceId{}};
  }
  Result<std::vector<Exposure>> expose(InferenceId inference, int up_to) {
    return await<std::vector<Exposure>>([&](auto done) {
      store_->record_exposure({inference, up_to, clock_.wall(), ExposureSource::kResults}, done);
    });
  }
  Result<Exposure> give_feedback(const TaskId& task, InferenceId inference, std::optional<ItemId> item,
                                 int rank, std::optional<RecordedAnswer<Exposure>> keep = {}) {
    NewFeedback feedback{task, inference, item, rank, item ? kPickKind : kNoneKind, 1, 1, clock_.wall()};
    return await<Exposure>([&](auto done) { store_->record_feedback(std::move(feedback), keep, done); });
  }
  Result<TaskState> fail(const Lease& lease, std::optional<std::chrono::milliseconds> retry_in) {
    return await<TaskState>([&](auto done) { store_->fail_task(lease, "out of luck", retry_in, done); });
  }
  Result<TaskRecord> cancel(const TaskId& id, std::optional<RecordedAnswer<TaskRecord>> keep = {}) {
    return await<TaskRecord>([&](auto done) { store_->cancel_task(id, "no more need", keep, done); });
  }
  Result<TaskRecord> retry(const TaskId& id) {
    return await<TaskRecord>([&](auto done) { store_->retry_task(id, std::nullopt, done); });
  }
  Result<TaskRecord> train(const TaskId& id, std::string arguments = "{}") {
    return await<TaskRecord>([&](auto done) {
      store_->start_job({id, traits_of(TaskKind::kTraining), std::move(arguments), clock_.wall()},
                        std::nullopt, done);
    });
  }
  Result<std::int64_t> write_items(CatalogWrite write) {
    return await<std::int64_t>([&](auto done) { store_->write_items(std::move(write), std::nullopt, done); });
  }
  // Until all that was queued before is settled.
  void drain() {
    ASSERT_TRUE(await<void>([&](auto done) { store_->count_events({}, done); }));
  }

  PlaceClock clock_;
  RecordingListener listener_;
  StoreOptions options_;
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;

 private:
  std::uint64_t ids_ = 0;
};

}  // namespace rankloop::storage
