// A loop that shows what its own popularity model ranks best, round after round.
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "ml/train.h"
#include "simulate/choice.h"
#include "simulate/value_share.h"

namespace rankloop::simulate {
namespace {

constexpr std::size_t kShown = 10;

class PopularityLoop {
 public:
  // Begins with lists in random order.
  explicit PopularityLoop(std::vector<Place> places) : places_(std::move(places)) {
    domain_.features = {{"nothing", Side::kItem, 0}};
    rows_.width = 1;
    const Show random = show_random(places_, kShown);
    for (int i = 0; i < 600; ++i) journey(random);
  }

  void add(const Place& place) { places_.push_back(place); }

  // Trains on all that was shown so far, then serves.
  void round(int journeys) {
    const auto model = ml::train_model(domain_, rows_, {}, {.family = "popularity"}, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    std::vector<ItemId> ids;
    for (const Place& place : places_) ids.push_back(place.id);
    const std::vector<float> values(ids.size());
    std::vector<float> scores(ids.size());
    (*model)->score_features({values, 1, ids}, 0, scores);
    best_.resize(places_.size());
    std::iota(best_.begin(), best_.end(), std::size_t{0});
    std::stable_sort(best_.begin(), best_.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
    best_.resize(kShown);
    value_ = {};
    for (int i = 0; i < journeys; ++i) journey([&](const Guest&, Random&) { return best_; });
  }

  // Places that have been shown.
  std::size_t tried() const {
    std::vector<ItemId> items = rows_.items;
    std::sort(items.begin(), items.end());
    return static_cast<std::size_t>(std::unique(items.begin(), items.end()) - items.begin());
  }
  std::size_t position_of(ItemId id) const {
    const auto at =
        std::find_if(best_.begin(), best_.end(), [&](std::size_t p) { return places_[p].id == id; });
    return static_cast<std::size_t>(at - best_.begin()) + 1;
  }
  std::ptrdiff_t showings_of(ItemId id) const {
    return std::count(rows_.items.begin(), rows_.items.end(), id);
  }
  double value() const { return value_.mean(); }  // of the last round

 private:
  void journey(const Show& show) {
    const Guest guest = draw_guest(profile_, random_);
    const std::vector<std::size_t> shown = show(guest, random_);
    std::vector<double> scores;
    for (const std::size_t place : shown) scores.push_back(true_score(guest, places_[place]));
    const auto picked = choose(scores, guest.kind->taste, {}, random_);
    value_.add(picked ? scores[*picked] : 0, best_true_score(guest, places_));
    ++requests_;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      rows_.values.push_back(0);
      rows_.labels.push_back(picked == i ? 1.0F : 0.0F);
      rows_.requests.push_back(requests_);
      rows_.items.push_back(places_[shown[i]].id);
    }
  }

  std::vector<Place> places_;
  Domain domain_;
  const Profile profile_ = default_profile();
  Random random_{7};
  ml::LabelledRows rows_;
  std::vector<std::size_t> best_;
  ValueShare value_;
  std::int64_t requests_ = 0;
};

// Better than all others for nearly everybody.
Place best_place() {
  Place place = make_places().front();
  place.id = ItemId{211};
  place.price = 50;
  place.has_pool = place.has_spa = place.animals = place.near_lake = place.near_mountains = place.has_sport =
      true;
  place.family_rating = place.outdoor_rating = place.service_rating = place.user_score = 5;
  place.food_rating = 7;
  place.leisure_rating = 6;
  return place;
}

TEST(PopularityLoop, ShowsANewPlaceAtOnceAndTheBestOneOnTop) {
  PopularityLoop loop(make_places());
  for (int round = 0; round < 4; ++round) loop.round(500);
  const double before = loop.value();
  loop.add(best_place());
  loop.round(500);
  EXPECT_EQ(loop.showings_of(ItemId{211}), 500);
  for (int round = 0; round < 3; ++round) loop.round(500);
  EXPECT_EQ(loop.position_of(ItemId{211}), 1U);
  EXPECT_GT(loop.value(), before);
}

TEST(PopularityLoop, GoesOnTryingWhatWasNeverShown) {
  std::vector<Place> places = make_places();
  const std::vector<Place> known(places.begin(), places.begin() + 100);
  PopularityLoop loop(known);
  for (std::size_t i = 100; i < places.size(); ++i) loop.add(places[i]);
  const std::size_t before = loop.tried();
  for (int round = 0; round < 20; ++round) loop.round(100);
  EXPECT_GE(loop.tried(), before + 30);
}

}  // namespace
}  // namespace rankloop::simulate
