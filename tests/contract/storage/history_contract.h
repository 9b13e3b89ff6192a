// What tests of the order of what happened have in common: people who ask, are shown and tell.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {

inline std::vector<ItemId> item_ids(const std::vector<std::int64_t>& numbers) {
  std::vector<ItemId> ids;
  for (const std::int64_t number : numbers) ids.push_back(ItemId{number});
  return ids;
}

using Requests = HistoryReads::Requests;

inline std::vector<Happening> happenings_of(Store& store, std::int64_t after = 0,
                                            Requests requests = Requests::kUntold) {
  std::vector<Happening> found;
  EXPECT_TRUE(store.each_happening(after, requests, [&](const Happening& happening) {
    found.push_back(happening);
    return true;
  }));
  return found;
}

inline bool ascend(const std::vector<Happening>& happenings) {
  for (std::size_t i = 1; i < happenings.size(); ++i) {
    if (happenings[i - 1].position >= happenings[i].position) return false;
  }
  return true;
}

inline void PrintTo(const Happening& one, std::ostream* out) {
  *out << one.position << ": " << one.person << " " << (one.is_exposure() ? "shown" : one.kind);
  for (const ItemId item : one.items) *out << " " << item.value;
}

// As texts without positions and times: "ann shown 100 101 at 4", "ann pick 100 at 4".
inline std::vector<std::string> told(const std::vector<Happening>& happenings) {
  std::vector<std::string> texts;
  for (const Happening& one : happenings) {
    std::string text = (one.person.empty() ? std::string("somebody") : one.person) + " " +
                       (one.is_exposure() ? "shown" : one.kind);
    for (const ItemId item : one.items) text += " " + std::to_string(item.value);
    texts.push_back(text + " at " + std::to_string(one.catalog_version));
  }
  return texts;
}

class HistoryContract : public StoreContract {
 protected:
  using Request = std::pair<TaskId, InferenceId>;

  HistoryContract() { options_.histories = true; }

  void reopen_with(bool histories) {
    options_.histories = histories;
    reopen();
  }
  // Ranked, with the items 100, 101, 102 by version 4 of the catalog.
  Request asked(std::string person, Ranking made = ranking()) {
    NewInference request = this->request();
    request.person = std::move(person);
    const TaskId id = request.task;
    EXPECT_TRUE(start(std::move(request)));
    const auto outcome = finish(claim(id), std::move(made));
    EXPECT_TRUE(outcome);
    return {id, outcome ? outcome->inference : InferenceId{}};
  }
  Request shown(std::string person, int up_to = 2) {
    const Request made = asked(std::move(person));
    EXPECT_TRUE(expose(made.second, up_to));
    return made;
  }
  Result<Exposure> pick(const Request& of, int rank = 1) {
    return give_feedback(of.first, of.second, ItemId{99 + rank}, rank);
  }
  Status tell_elsewhere(std::string person, std::string event_id = {}) {
    NewPersonEvent event{PersonKey{std::move(person)}, ItemId{7}, "buy", 9.5, clock_.wall(), clock_.wall(),
                         std::move(event_id)};
    return await<void>([&](auto done) { store_->record_person_event(std::move(event), std::move(done)); });
  }
  Erasure erase_whole(const PersonKey& person) {
    const TaskId task = new_id();
    EXPECT_TRUE(await<TaskRecord>([&](auto done) {
      store_->start_job({.task = task,
                         .kind = traits_of(TaskKind::kErasure),
                         .arguments = "{}",
                         .at = clock_.wall(),
                         .erasure = NewErasure{person, "operator"}},
                        std::nullopt, std::move(done));
    }));
    for (;;) {
      const auto now = await<Erasure>([&](auto done) {
        store_->erase_portion({.task = task,
                               .most = 100,
                               .kept = [](std::string_view payload) { return std::string(payload); }},
                              std::move(done));
      });
      EXPECT_TRUE(now);
      if (!now || now->done) return now ? *now : Erasure{};
    }
  }
  std::vector<Happening> happenings(std::int64_t after = 0) { return happenings_of(*store_, after); }
  std::vector<Happening> happenings_of_person(const PersonKey& person,
                                              Requests requests = Requests::kUntold) {
    std::vector<Happening> found;
    EXPECT_TRUE(store_->each_happening_of(person, requests, [&](const Happening& happening) {
      found.push_back(happening);
      return true;
    }));
    return found;
  }
  std::vector<ShownRequest> shown_requests() {
    std::vector<ShownRequest> found;
    EXPECT_TRUE(store_->each_shown({}, [&](const ShownRequest& request) {
      found.push_back(request);
      return true;
    }));
    return found;
  }
  ImportedRequest imported(std::string person, const std::vector<std::int64_t>& items,
                           std::vector<Feedback> feedback) {
    ImportedRequest made;
    made.task = new_id();
    made.payload = "{}";
    made.person = std::move(person);
    made.domain_version = 1;
    made.shown = item_ids(items);
    made.feedback = std::move(feedback);
    made.at = clock_.wall();
    return made;
  }
  Result<ImportedCounts> import(std::vector<ImportedRequest> requests) {
    return await<ImportedCounts>([&](auto done) { store_->import_requests(std::move(requests), 3, done); });
  }
};

}  // namespace rankloop::storage
