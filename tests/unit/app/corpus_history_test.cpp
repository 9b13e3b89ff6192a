// What was known of texts at every version, and that a dataset matches them as the rankings of then did.
#include "app/learn/corpus_history.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/learn/dataset.h"
#include "ml/feature_space.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using Text = std::vector<std::string>;

TEST(Timeline, KnowsItsCountFromEachVersionOn) {
  Timeline timeline;
  timeline.add(5, 2);
  timeline.add(3, 1);
  timeline.add(7, -3);
  timeline.settle();
  EXPECT_EQ(timeline.at(2), 0U);
  EXPECT_EQ(timeline.at(3), 1U);
  EXPECT_EQ(timeline.at(6), 3U);
  EXPECT_EQ(timeline.at(100), 0U);
}

TEST(CorpusHistory, CountsTheItemsThatLiveAtAVersion) {
  CorpusHistory history(1);
  history.want(std::vector<Words>{Text{"red", "shoe"}});
  history.add({1}, 1, std::vector<Words>{Text{"red", "red", "hat"}});
  history.add({1}, 4, std::vector<Words>{Text{"blue"}});
  history.add({2}, 2, std::vector<Words>{Text{"red"}});
  history.add({2}, 5, {});
  history.add({3}, 1, std::vector<Words>{Words{}});
  history.settle();
  const auto counts = [&](std::int64_t version, std::string_view word) {
    const ml::Corpus corpus = history.at(version)(0);
    return std::vector<std::size_t>{corpus.texts, corpus.words, corpus.texts_with(word)};
  };
  EXPECT_EQ(counts(0, "red"), (std::vector<std::size_t>{0, 0, 0}));
  EXPECT_EQ(counts(1, "red"), (std::vector<std::size_t>{1, 3, 1}));
  EXPECT_EQ(counts(3, "red"), (std::vector<std::size_t>{2, 4, 2}));
  EXPECT_EQ(counts(4, "red"), (std::vector<std::size_t>{2, 2, 1}));
  EXPECT_EQ(counts(9, "red"), (std::vector<std::size_t>{1, 1, 0}));
  EXPECT_EQ(counts(9, "unasked"), (std::vector<std::size_t>{1, 1, 0}));
}

std::shared_ptr<const Domain> searched_films() {
  const DomainCheck check = read_domain(
      "domain.name = 'films'\nrequest.noun = 'viewer'\nitem.noun = 'film'\n"
      "model.features = ['price']\n"
      "[[request.field]]\nname = 'query'\ntype = 'text'\nrequired = false\n"
      "[[item.field]]\nname = 'title'\ntype = 'string'\n"
      "[[item.field]]\nname = 'price'\ntype = 'float'\nminimum = 0\n"
      "[[cross]]\nname = 'match'\nhow = 'match'\nrequest = 'query'\nitem = 'title'\n"
      "[[cross]]\nname = 'found'\nhow = 'found'\nrequest = 'query'\nitem = 'title'\n",
      "films.toml");
  EXPECT_TRUE(check.domain) << check.faults.front().message;
  return check.domain;
}

class MatchedDataset : public ShownRequests {
 protected:
  void SetUp() override {
    domain_ = searched_films();
    ShownRequests::SetUp();
  }

  // Writes films with these titles (none: deleted), and keeps the catalog as a server has it.
  void change(const std::map<std::int64_t, std::optional<std::string>>& titles) {
    storage::CatalogWrite write{store_->catalog_version() + 1, {}};
    std::vector<ml::ItemChange> changes;
    for (const auto& [id, title] : titles) {
      write.items.push_back({{id}, std::nullopt});
      if (title) write.items.back().payload = film(*title);
      changes.push_back({{id}, write.version, {}});
      if (title) changes.back().values = served_->pick(domain_->candidates.read(film(*title))->values);
    }
    served_ = served_->with(write.version, changes);
    ASSERT_TRUE(write_items(std::move(write)));
  }

  // Shows films for a query; what a server computes for them goes to `expected_`.
  void ask(const std::string& query, const std::vector<std::int64_t>& films) {
    const std::string payload = R"({"query":")" + query + "\"}";
    const auto request = domain_->requests.read(payload);
    ASSERT_TRUE(request);
    const ml::FeatureMaker maker(*domain_, *served_);
    const auto asked = maker.asked(request->values);
    for (const std::int64_t id : films) {
      const std::uint32_t row = served_->find({id}).value();
      maker.append_numbers(asked, *served_->chunks()[row / ml::kChunkRows], row % ml::kChunkRows, expected_);
    }
    const Asked shown = answered_to(payload, films);
    show(shown, static_cast<int>(films.size()));
    pick(shown, films.front());
  }

  std::shared_ptr<const ml::Catalog> served_;
  std::vector<float> expected_;
};

TEST_F(MatchedDataset, MatchesTextsAsTheRankingsOfThenDid) {
  served_ = ml::Catalog::empty(domain_);
  change({{1, "The Red Shoe"}, {2, "Red, red hat"}, {3, "Blue shoe"}, {4, "Nothing of it"}});
  ask("red shoe", {1, 2, 4});
  change({{5, "Red again"}, {2, "A blue hat"}, {6, "RED"}});
  ask("red shoe", {1, 2, 5});
  change({{1, std::nullopt}, {6, std::nullopt}});
  ask("red blue", {3, 2, 5});
  const auto dataset =
      read_dataset(*store_, *domain_, {.window = 0, .test_share = 0, .validation_share = 0}, {});
  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->train.rows.width, 3U);
  EXPECT_EQ(dataset->train.rows.values, expected_);
  EXPECT_NE(expected_[1], expected_[10]);  // the same words of the same film, in another catalog
  const auto recent = read_recent_rows(*store_, *domain_, 10, RecentRows::kWithCrosses);
  ASSERT_TRUE(recent);
  EXPECT_EQ(recent->values, expected_);
  const auto features = read_recent_rows(*store_, *domain_, 10, RecentRows::kFeatures);
  ASSERT_TRUE(features);
  EXPECT_EQ(features->width, 1U);
}

}  // namespace
}  // namespace rankloop::app
