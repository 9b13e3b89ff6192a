// Offers with brands, scores that a test chooses, and wishes read from a domain file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/model.h"
#include "ml/rank.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {

inline const std::vector<std::string> kBrands = {"acme", "bolt", "cord", "dune"};

struct Offer {
  double price = 0;
  std::string brand;  // empty: absent
  float score = 0;
};

class OfferScorer final : public CatalogScorer {
 public:
  OfferScorer(std::shared_ptr<const Catalog> catalog, std::vector<float> scores)
      : catalog_(std::move(catalog)), scores_(std::move(scores)) {}
  const Catalog& catalog() const override { return *catalog_; }
  void score_all(const Query& /*query*/, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    sink.take(0, scores_);
  }
  void score_rows(const Query& /*query*/, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = scores_[rows[i]];
  }
  std::size_t resident_bytes() const override { return 0; }

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::vector<float> scores_;
};

// Item n is offers[n - 1].
class WishedShop {
 public:
  WishedShop(const std::string& wishes, const std::vector<Offer>& offers)
      : domain_(read(wishes)), catalog_(Catalog::empty(domain_)) {
    std::vector<ItemChange> changes;
    std::vector<float> scores;
    for (const Offer& offer : offers) {
      Values values{.numbers = {offer.price}, .words = {std::nullopt}, .texts = {}};
      if (!offer.brand.empty()) values.words[0] = {{offer.brand}};
      changes.push_back({ItemId{static_cast<std::int64_t>(changes.size()) + 1}, 1, catalog_->pick(values)});
      scores.push_back(offer.score);
    }
    catalog_ = catalog_->with(1, changes);
    scorer_ = std::make_unique<OfferScorer>(catalog_, std::move(scores));
    held_ = wishes_in_force(domain_->wishes, WallTime{});
    model_ = make_mlp_model(sample_network(sample_domain(), 1), "f");
  }

  static std::shared_ptr<const Domain> read(const std::string& wishes) {
    const DomainCheck check = read_domain(R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "offer"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
[model]
features = ["budget", "price", "brand"]
)" + wishes,
                                          "shop.toml");
    return check.domain;
  }

  RankRequest request(int best = 1000, std::uint64_t seed = 1) const {
    return {.values = budget_, .best = best, .seed = seed, .wishes = held_.wishes.empty() ? nullptr : &held_};
  }
  Ranking rank(const RankRequest& request) const { return ml::rank(*scorer_, *model_, {}, request); }
  Ranking rank(int best = 1000) const { return rank(request(best)); }
  // In random order.
  Ranking draw(std::uint64_t seed, int best = 1000) const {
    return ml::rank(*random_model()->bind(catalog_, nullptr, 0), *random_model(), {}, request(best, seed));
  }

  const WishesInForce& held() const { return held_; }
  const Model& model() const { return *model_; }
  const std::shared_ptr<const Catalog>& catalog() const { return catalog_; }
  const Domain& domain() const { return *domain_; }

 private:
  std::shared_ptr<const Domain> domain_;
  std::shared_ptr<const Catalog> catalog_;
  std::unique_ptr<OfferScorer> scorer_;
  WishesInForce held_;
  std::shared_ptr<const Model> model_;
  Values budget_{.numbers = {50}, .words = {}, .texts = {}};
};

inline std::vector<std::int64_t> numbers_of(const Ranking& ranking) {
  std::vector<std::int64_t> numbers;
  for (const RankedItem& item : ranking.items) numbers.push_back(item.item.value);
  return numbers;
}

}  // namespace rankloop::ml
