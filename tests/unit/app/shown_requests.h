// Requests that were answered, shown and picked from, written straight into the store: a test says what was
// ranked, by whom, and what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/app/use_cases.h"

namespace rankloop::app {

struct Asked {
  TaskId task;
  InferenceId id;
  std::vector<ItemId> items;
};

inline std::vector<ItemId> ids(const std::vector<std::int64_t>& numbers) {
  std::vector<ItemId> items;
  for (const std::int64_t number : numbers) items.push_back({number});
  return items;
}

class ShownRequests : public UseCaseFixture {
 protected:
  using UseCaseFixture::UseCaseFixture;

  // Film n costs n.
  void write_films(std::int64_t count) {
    storage::CatalogWrite write{store_->catalog_version() + 1, {}};
    for (std::int64_t id = 1; id <= count; ++id) {
      write.items.push_back({{id}, film("Film", static_cast<double>(id))});
    }
    ASSERT_TRUE(write_items(std::move(write)));
  }

  // Answered with these items, best first, by the current catalog. `like` gives what is not said: model,
  // policy.
  Asked answered(int age, const std::vector<std::int64_t>& items, Ranking like = {},
                 std::string user_key = {}) {
    return answered_to("{\"age\":" + std::to_string(age) + "}", items, std::move(like), std::move(user_key));
  }
  Asked answered_to(std::string payload, const std::vector<std::int64_t>& items, Ranking like = {},
                    std::string user_key = {}) {
    storage::NewInference request;
    request.task = TaskId::make(clock_.wall().time_since_epoch().count(), 0, ++asked_);
    request.payload = std::move(payload);
    request.person = std::move(user_key);
    request.domain_version = 1;
    request.at = clock_.wall();
    const auto started = written<storage::StartedInference>(
        [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); });
    EXPECT_TRUE(started);
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&request.task, 1}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    if (!started || !claimed || claimed->empty()) return {};
    like.catalog_version = store_->catalog_version();
    like.domain_version = 1;
    if (like.items.empty()) {
      for (const ItemId item : ids(items)) like.items.push_back({item, 0.5F, 1});
    }
    EXPECT_TRUE(written<storage::StartedInference>([&](auto done) {
      store_->finish_inference(claimed->front().lease, like, {}, clock_.wall(), std::move(done));
    }));
    Asked asked{request.task, started->inference, {}};
    for (const RankedItem& item : like.items) asked.items.push_back(item.item);
    return asked;
  }

  void show(const Asked& asked, int up_to) {
    EXPECT_TRUE(written<std::vector<storage::Exposure>>(
        [&](auto done) { store_->record_exposure({asked.id, up_to, clock_.wall()}, std::move(done)); }));
  }
  Asked shown(int age, const std::vector<std::int64_t>& items, Ranking like = {}, std::string user_key = {}) {
    Asked asked = answered(age, items, std::move(like), std::move(user_key));
    show(asked, static_cast<int>(asked.items.size()));
    return asked;
  }
  void pick(const Asked& asked, std::int64_t item) { tell(asked, item, kPickKind); }
  void tell(const Asked& asked, std::int64_t item, std::string kind) {
    storage::NewFeedback feedback;
    feedback.kind = std::move(kind);
    feedback.task = asked.task;
    feedback.inference = asked.id;
    feedback.item = ItemId{item};
    const auto at = std::find(asked.items.begin(), asked.items.end(), ItemId{item});
    feedback.rank = static_cast<int>(at - asked.items.begin()) + 1;
    record(std::move(feedback));
  }
  void pick_none(const Asked& asked) {
    storage::NewFeedback feedback;
    feedback.task = asked.task;
    feedback.inference = asked.id;
    feedback.kind = kNoneKind;
    feedback.value = 0;
    record(std::move(feedback));
  }

  // A request of another system: `picks` are items with the number of people who picked them.
  storage::ImportedRequest imported(int age, const std::vector<std::int64_t>& items,
                                    const std::vector<std::pair<std::int64_t, double>>& picks) {
    storage::ImportedRequest request;
    request.task = TaskId::make(clock_.wall().time_since_epoch().count(), 1, ++asked_);
    request.payload = "{\"age\":" + std::to_string(age) + "}";
    request.domain_version = 1;
    request.shown = ids(items);
    request.at = clock_.wall();
    for (const auto& [item, people] : picks) {
      storage::Feedback feedback;
      feedback.item = ItemId{item};
      const auto at = std::find(items.begin(), items.end(), item);
      feedback.rank = static_cast<int>(at - items.begin()) + 1;
      feedback.people = people;
      feedback.at = request.at;
      request.feedback.push_back(feedback);
    }
    return request;
  }
  static storage::Feedback nobody(double people) {
    storage::Feedback none;
    none.kind = kNoneKind;
    none.value = 0;
    none.people = people;
    return none;
  }
  void import(std::vector<storage::ImportedRequest> requests) {
    const auto version = store_->catalog_version();
    const auto done = written<storage::ImportedCounts>(
        [&](auto told) { store_->import_requests(std::move(requests), version, std::move(told)); });
    EXPECT_TRUE(done) << done.error().message;
  }
  // `count` requests that show four of eight films each, in an order that turns; the cheapest is picked.
  void import_frugal(int count) {
    std::vector<storage::ImportedRequest> requests;
    for (int r = 0; r < count; ++r) {
      std::vector<std::int64_t> films;
      std::int64_t cheapest = 8;
      for (int i = 0; i < 4; ++i) {
        films.push_back(1 + (r * 3 + i * 5 + r / 8) % 8);
        cheapest = std::min(cheapest, films.back());
      }
      requests.push_back(imported(20 + r % 50, films, {{cheapest, 1}}));
    }
    import(std::move(requests));
  }

  // Adds a model to the registry.
  ModelId add_model(const std::string& artefact, bool promote, std::string lineage = "{}",
                    std::string family = "random") {
    storage::NewModel model;
    model.family = std::move(family);
    model.artefact = artefact;
    model.metrics = "{}";
    model.lineage = std::move(lineage);
    model.domain_version = 1;
    model.at = clock_.wall();
    model.promote = promote;
    model.actor = "test";
    model.reason = "it is here";
    const auto id =
        written<ModelId>([&](auto done) { store_->add_model(std::move(model), std::move(done)); });
    EXPECT_TRUE(id);
    return id ? *id : ModelId{};
  }

 private:
  void record(storage::NewFeedback feedback) {
    feedback.at = clock_.wall();
    EXPECT_TRUE(written<storage::Exposure>(
        [&](auto done) { store_->record_feedback(std::move(feedback), std::nullopt, std::move(done)); }));
  }

  std::uint64_t asked_ = 0;
};

}  // namespace rankloop::app
