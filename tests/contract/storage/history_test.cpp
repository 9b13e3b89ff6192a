// The order of what happened, in every store.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/storage/history_contract.h"

namespace rankloop::storage {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using std::chrono_literals::operator""ms;

INSTANTIATE_TEST_SUITE_P(Stores, HistoryContract, testing::ValuesIn(store_factories()),
                         [](const auto& info) { return info.param.name; });

TEST_P(HistoryContract, KeepsOneOrderOfAllThatHappens) {
  ASSERT_TRUE(write_items({1, {{ItemId{7}, R"({"name":"a"})"}}}));
  EXPECT_EQ(store_->history_position(), 0);
  const Request first = shown("ann");
  clock_.advance(5ms);
  ASSERT_TRUE(tell_elsewhere("bob"));
  ASSERT_TRUE(pick(first, 2));
  ASSERT_TRUE(expose(first.second, 3));
  ASSERT_TRUE(expose(first.second, 3));  // shows nothing that was not shown before
  const Request second = shown("", 1);
  ASSERT_TRUE(give_feedback(second.first, second.second, std::nullopt, 0));
  const std::vector<Happening> all = happenings();
  EXPECT_THAT(told(all), ElementsAre("ann shown 100 101 at 4", "bob buy 7 at 1", "ann pick 101 at 4",
                                     "ann shown 102 at 4", "somebody shown 100 at 4", "somebody none at 4"));
  EXPECT_TRUE(ascend(all));
  EXPECT_EQ(all[1].at - all[0].at, 5ms);
  EXPECT_EQ(all[1].value, 9.5);
  EXPECT_EQ(all[2].people, 1);
  EXPECT_EQ(store_->history_position(), all.back().position);
}

TEST_P(HistoryContract, TellsOfANoneBeforeAnythingWasRanked) {
  const TaskId task = started();
  const auto record = store_->inference(task);
  ASSERT_TRUE(record);
  ASSERT_TRUE(give_feedback(task, record->id, std::nullopt, 0));
  EXPECT_THAT(told(happenings()), ElementsAre("somebody none at 0"));
}

TEST_P(HistoryContract, GoesOnBehindAPositionAndStopsWhenAsked) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(tell_elsewhere("ann"));
  const std::vector<Happening> all = happenings();
  ASSERT_THAT(all, SizeIs(5));
  EXPECT_EQ(happenings(all[2].position), std::vector(all.begin() + 3, all.end()));
  EXPECT_THAT(happenings(all.back().position), IsEmpty());
  int seen = 0;
  ASSERT_TRUE(store_->each_happening(0, Requests::kUntold, [&](const Happening&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(HistoryContract, TellsWhatTheRequestSaidWhereThatIsWanted) {
  const Request of_ann = shown("ann");
  ASSERT_TRUE(pick(of_ann));
  ASSERT_TRUE(tell_elsewhere("ann"));
  const std::string said = request().payload;
  const auto payloads = [](const std::vector<Happening>& of) {
    std::vector<std::string> texts;
    for (const Happening& one : of) texts.push_back(one.request);
    return texts;
  };
  for (const auto& told :
       {happenings_of(*store_, 0, Requests::kTold), happenings_of_person("ann", Requests::kTold)}) {
    EXPECT_THAT(payloads(told), ElementsAre(said, said, "")) << "an event of a person has no request";
  }
  EXPECT_THAT(payloads(happenings()), Each(std::string()));
  EXPECT_THAT(payloads(happenings_of_person("ann")), Each(std::string()));
}

TEST_P(HistoryContract, TellsOfOnePerson) {
  const Request of_ann = shown("ann");
  const Request of_bob = shown("bob");
  ASSERT_TRUE(tell_elsewhere("ann"));
  ASSERT_TRUE(pick(of_bob));
  ASSERT_TRUE(pick(of_ann));
  shown("");
  EXPECT_THAT(told(happenings_of_person("ann")),
              ElementsAre("ann shown 100 101 at 4", "ann buy 7 at 0", "ann pick 100 at 4"));
  EXPECT_THAT(told(happenings_of_person("bob")), ElementsAre("bob shown 100 101 at 4", "bob pick 100 at 4"));
  EXPECT_THAT(happenings_of_person(""), IsEmpty());
  EXPECT_THAT(happenings_of_person("cem"), IsEmpty());
  std::vector<Happening> of_both;
  for (const Happening& one : happenings()) {
    if (one.person == "ann") of_both.push_back(one);
  }
  EXPECT_EQ(happenings_of_person("ann"), of_both);
}

TEST_P(HistoryContract, KeepsThePositionsAndGoesOnBehindThem) {
  ASSERT_TRUE(pick(shown("ann")));
  ASSERT_TRUE(tell_elsewhere("ann"));
  const std::vector<Happening> before = happenings();
  ASSERT_THAT(before, SizeIs(3));
  reopen();
  EXPECT_EQ(happenings(), before);
  EXPECT_EQ(store_->history_position(), before.back().position);
  ASSERT_TRUE(tell_elsewhere("bob"));
  const std::vector<Happening> later = happenings(before.back().position);
  EXPECT_THAT(told(later), ElementsAre("bob buy 7 at 0"));
  EXPECT_EQ(store_->history_position(), later.back().position);
}

// A ranking may say that it knew what happened up to here: nothing may come to stand there afterwards.
TEST_P(HistoryContract, CountsNothingThatWasRefused) {
  const Request made = shown("ann", 1);
  ASSERT_TRUE(tell_elsewhere("ann", "once"));
  const std::int64_t before = store_->history_position();
  EXPECT_EQ(code_of(pick(made, 2)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(tell_elsewhere("ann", "once")), ErrorCode::kAlreadyExists);
  ImportedRequest again = imported("ann", {1}, {});
  again.task = made.first;
  EXPECT_EQ(code_of(import({imported("ann", {1, 2}, {}), again})), ErrorCode::kAlreadyExists);
  drain();
  EXPECT_EQ(store_->history_position(), before);
  EXPECT_EQ(happenings().back().position, before);
  ASSERT_TRUE(tell_elsewhere("ann"));
  EXPECT_EQ(store_->history_position(), happenings().back().position);
  const std::int64_t after = store_->history_position();
  reopen();
  EXPECT_EQ(store_->history_position(), after);
  ASSERT_TRUE(tell_elsewhere("ann"));
  EXPECT_GT(happenings().back().position, after);
}

TEST_P(HistoryContract, TellsWhoListensBeforeItAnswers) {
  class Listener final : public RecordingListener {
   public:
    void happened(std::int64_t position) noexcept override { position_ = position; }
    std::atomic<std::int64_t> position_{0};
  } listener;
  store_.reset();
  store_ = *open_store(place_->url(), options_, clock_, listener);
  std::int64_t heard = 0;
  NewPersonEvent event{PersonKey{"ann"}, ItemId{7}, "buy", 1, clock_.wall(), clock_.wall()};
  ASSERT_TRUE(await<void>([&](auto done) {
    store_->record_person_event(event, [&, done](const Status& written) {
      heard = listener.position_;
      done(written);
    });
  }));
  EXPECT_EQ(heard, happenings().back().position);
  EXPECT_EQ(store_->history_position(), heard);
  store_.reset();
}

// Of what was written without the order: as it happened, and before all that comes.
TEST_P(HistoryContract, PositionsWhatHappenedBefore) {
  reopen_with(false);
  const Request late = asked("ann");
  const Request early = shown("bob");
  ASSERT_TRUE(tell_elsewhere("bob"));  // at the same moment
  clock_.advance(10ms);
  ASSERT_TRUE(expose(late.second, 2));
  ASSERT_TRUE(pick(early));
  clock_.advance(10ms);
  ASSERT_TRUE(tell_elsewhere("ann"));
  EXPECT_THAT(happenings(), IsEmpty());
  EXPECT_THAT(happenings_of_person("bob"), IsEmpty());
  EXPECT_EQ(store_->history_position(), 0);

  reopen_with(true);
  const std::vector<Happening> all = happenings();
  EXPECT_THAT(told(all), ElementsAre("bob shown 100 101 at 4", "bob buy 7 at 0", "ann shown 100 101 at 4",
                                     "bob pick 100 at 4", "ann buy 7 at 0"));
  EXPECT_TRUE(ascend(all));
  EXPECT_EQ(store_->history_position(), all.back().position);
  ASSERT_TRUE(pick(late));
  EXPECT_THAT(told(happenings(all.back().position)), ElementsAre("ann pick 100 at 4"));
}

// What was written meanwhile does not come to stand before what rankings knew already.
TEST_P(HistoryContract, PositionsWhatHappenedWithoutTheOrderBehindWhatHasOne) {
  const std::vector<std::string> people = {"ann", "bob", "cem"};
  for (std::size_t i = 0; i < people.size(); ++i) {
    reopen_with(i != 1);
    ASSERT_TRUE(tell_elsewhere(people[i]));
    clock_.advance(-10ms);
  }
  EXPECT_THAT(told(happenings()), ElementsAre("ann buy 7 at 0", "bob buy 7 at 0", "cem buy 7 at 0"));
  EXPECT_TRUE(ascend(happenings()));
}

TEST_P(HistoryContract, PositionsNothingUnasked) {
  reopen_with(false);
  const Request made = shown("ann");
  ASSERT_TRUE(pick(made));
  ASSERT_TRUE(tell_elsewhere("ann"));
  ASSERT_TRUE(import({imported("ann", {1, 2}, {})}));
  EXPECT_THAT(happenings(), IsEmpty());
  EXPECT_EQ(store_->history_position(), 0);
  for (const ShownRequest& request : shown_requests()) EXPECT_EQ(request.known, std::nullopt);
}

TEST_P(HistoryContract, PositionsImportsInTheirOrder) {
  Feedback first{ItemId{2}, 2, kPickKind, 2.5, 3, clock_.wall()};
  Feedback second{ItemId{1}, 1, kPickKind, 1, 1, clock_.wall()};
  Feedback none{std::nullopt, 0, kNoneKind, 0, 1, clock_.wall()};
  ImportedRequest drawn = imported("bob", {5, 6}, {none});
  drawn.propensities = {0.5F, 0.5F};  // another policy
  ASSERT_TRUE(tell_elsewhere("ann"));
  const auto made = import(
      {imported("ann", {1, 2}, {first, second}), drawn, imported("", {}, {none}), imported("cem", {3}, {})});
  ASSERT_TRUE(made) << made.error().message;
  const std::int64_t imported_up_to = store_->history_position();
  ASSERT_TRUE(tell_elsewhere("dee"));
  const std::vector<Happening> all = happenings();
  EXPECT_THAT(told(all), ElementsAre("ann buy 7 at 0", "ann shown 1 2 at 3", "ann pick 2 at 3",
                                     "ann pick 1 at 3", "bob shown 5 6 at 3", "bob none at 3",
                                     "somebody none at 3", "cem shown 3 at 3", "dee buy 7 at 0"));
  EXPECT_TRUE(ascend(all));
  EXPECT_EQ(all[2].value, 2.5);
  EXPECT_EQ(all[2].people, 3);
  EXPECT_EQ(imported_up_to, all[7].position);
}

TEST_P(HistoryContract, KeepsWhatARankingKnew) {
  Ranking made = ranking();
  made.known = 17;
  made.known_hash = 0xfedc'ba98'7654'3210U;
  const Request knew = asked("ann", made);
  ASSERT_TRUE(expose(knew.second, 1));
  ASSERT_TRUE(tell_elsewhere("ann"));
  const Request did_not = asked("ann");
  ASSERT_TRUE(expose(did_not.second, 1));
  ASSERT_TRUE(expose(did_not.second, 2));
  ASSERT_TRUE(import({imported("bob", {1}, {})}));
  reopen();
  EXPECT_EQ(store_->inference(knew.second)->ranking.known, 17);
  EXPECT_EQ(store_->inference(knew.second)->ranking.known_hash, made.known_hash);
  EXPECT_EQ(store_->ranked(knew.first)->ranking.known, 17);
  EXPECT_EQ(store_->ranked(knew.first)->ranking.known_hash, made.known_hash);
  EXPECT_EQ(store_->inference(did_not.second)->ranking.known, std::nullopt);
  EXPECT_EQ(store_->inference(did_not.second)->ranking.known_hash, 0U);

  const std::vector<ShownRequest> requests = shown_requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[0].known, 17);
  EXPECT_EQ(requests[0].ranking.known_hash, made.known_hash);
  const std::vector<Happening> all = happenings();
  ASSERT_THAT(told(all), ElementsAre("ann shown 100 at 4", "ann buy 7 at 0", "ann shown 100 at 4",
                                     "ann shown 101 at 4", "bob shown 1 at 3"));
  EXPECT_EQ(requests[1].known, all[2].position - 1);
  EXPECT_EQ(requests[1].ranking.known, std::nullopt);
  EXPECT_EQ(requests[2].known, all[4].position - 1);
  EXPECT_EQ(requests[2].ranking.known, std::nullopt);
}

TEST_P(HistoryContract, KeepsWhatARankingWithShadowsKnew) {
  Ranking made = ranking();
  made.known = 3;
  made.known_hash = 9;
  Ranking shadow = made;
  shadow.model = ModelId{8};
  const TaskId task = started();
  const Lease lease = claim(task);
  const auto outcome = await<StartedInference>(
      [&](auto done) { store_->finish_inference(lease, made, {shadow}, clock_.wall(), done); });
  ASSERT_TRUE(outcome);
  EXPECT_EQ(store_->inference(task)->ranking.known, 3);
  EXPECT_EQ(store_->inference(task)->ranking.known_hash, 9U);
  EXPECT_EQ(store_->shadow_rankings(outcome->inference)->front().known, std::nullopt);
}

// What others knew of the items stays true.
TEST_P(HistoryContract, KeepsWhatAnErasedPersonDidAsNobodys) {
  const Request of_ann = shown("ann");
  ASSERT_TRUE(tell_elsewhere("ann", "first"));
  ASSERT_TRUE(tell_elsewhere("bob"));
  ASSERT_TRUE(tell_elsewhere("ann"));
  ASSERT_TRUE(pick(of_ann));
  const std::vector<Happening> before = happenings();
  const Erasure erased = erase_whole("ann");
  EXPECT_EQ(erased.events, 0);
  EXPECT_EQ(erased.unlinked_events, 2);
  EXPECT_EQ(erased.requests, 1);
  const std::vector<Happening> after = happenings();
  EXPECT_THAT(told(after), ElementsAre("somebody shown 100 101 at 4", "somebody buy 7 at 0", "bob buy 7 at 0",
                                       "somebody buy 7 at 0", "somebody pick 100 at 4"));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    Happening same = before[i];
    same.person = after[i].person;
    EXPECT_EQ(after[i], same);
  }
  EXPECT_THAT(happenings_of_person("ann"), IsEmpty());
}

// Whoever follows, from one position to the next, misses nothing.
TEST_P(HistoryContract, LetsWhoFollowsMissNothing) {
  constexpr int kEvents = 600;
  std::atomic<int> written = 0;
  std::thread writing([&] {
    for (int i = 0; i < kEvents; ++i) {
      NewPersonEvent event{PersonKey{"ann"}, ItemId{i + 1}, "buy", 1, clock_.wall(), clock_.wall()};
      store_->record_person_event(event, [&](const Status& done) { written += done ? 1 : kEvents; });
    }
  });
  std::vector<Happening> seen;
  while (written < kEvents || seen.size() < kEvents) {
    const std::int64_t up_to = store_->history_position();
    const bool all_written = written >= kEvents;
    for (const Happening& one : happenings(seen.empty() ? 0 : seen.back().position)) seen.push_back(one);
    ASSERT_GE(seen.empty() ? 0 : seen.back().position, up_to);  // what is known is there to read
    if (all_written) break;
  }
  writing.join();
  EXPECT_EQ(written, kEvents);
  ASSERT_THAT(seen, SizeIs(kEvents));
  EXPECT_TRUE(ascend(seen));
  for (int i = 0; i < kEvents; ++i)
    EXPECT_EQ(seen[static_cast<std::size_t>(i)].items, item_ids({i + 1}));  // as they came
}

}  // namespace
}  // namespace rankloop::storage
