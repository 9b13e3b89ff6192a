// The factorisation as a model: its scores and its explanations.
#include "ml/families/factorization/factorization_model.h"

#include <utility>

#include "ml/families/factorization/factor_bytes.h"
#include "ml/families/renumbering.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "factorization";

// The vectors of a row of inputs, by side. Not thread-safe.
class RowFactors {
 public:
  RowFactors(const Factorisation& of, const FactorSides& sides, const FeatureRows& rows)
      : of_(of), sides_(sides), rows_(rows), request_(of.factors), item_(of.factors) {}

  float log_odds(std::size_t row, std::span<const std::uint32_t> places) {
    request_.clear();
    item_.clear();
    each_input(row, places,
               [&](std::size_t /*input*/, bool of_item, std::span<const float> vector, float value) {
                 (of_item ? item_ : request_).add(vector, value);
               });
    float sum = 0;
    if (const auto item = item_at(row)) {
      item_.add(of_.vector(of_.of_items, *item));
      sum += of_.item_weights[*item];
    }
    if (const auto person = person_at(row)) request_.add(of_.vector(of_.of_people, *person));
    return sum + item_.among() + item_.with(request_.sum());
  }

  // Calls take(input of the row, whether it is the item's, vector, value) for each but item and person.
  template <class Take>
  void each_input(std::size_t row, std::span<const std::uint32_t> places, Take take) const {
    for (std::size_t i = 0; i < of_.inputs.size(); ++i) {
      const std::uint32_t column = of_.inputs[i].column;
      if (column >= rows_.width) continue;
      float value = 0;
      const auto vector = of_.vector_of(i, rows_.values[row * rows_.width + column], value);
      take(column, sides_.input_is_items[i] != 0, vector, value);
    }
    of_.each_word(places, [&](std::uint32_t place, std::size_t column, float value) {
      if (sides_.column_is_items[column] == FactorSides::kNeither) return;
      take(rows_.width + column, sides_.column_is_items[column] != 0, of_.vector(of_.of_words, place), value);
    });
  }

  std::optional<std::size_t> item_at(std::size_t row) const {
    return rows_.items.empty() ? std::nullopt : place_of<ItemId>(of_.items, rows_.items[row]);
  }
  std::optional<std::size_t> person_at(std::size_t row) const {
    return rows_.people.empty() ? std::nullopt : place_of<Person>(of_.people, rows_.people[row]);
  }

 private:
  const Factorisation& of_;
  const FactorSides& sides_;
  const FeatureRows& rows_;
  FactorSum request_;
  FactorSum item_;
};

// Who adds what. A pair of two inputs is half of each; what an input adds with the item itself or with the
// person is the input's; what item and person add by themselves and with each other is no feature's and
// stands in the base.
Explanation explain_factors(const Factorisation& of, const FactorSides& sides, const FeatureRows& row,
                            std::span<const std::uint32_t> places) {
  const RowFactors factors(of, sides, row);
  const std::vector<double> none(of.factors);
  std::vector<double> request = none, item = none, itself = none, person = none;
  const auto add = [](std::vector<double>& sum, std::span<const float> vector, float value) {
    for (std::size_t f = 0; f < sum.size(); ++f) sum[f] += static_cast<double>(value * vector[f]);
  };
  factors.each_input(0, places,
                     [&](std::size_t /*input*/, bool of_item, std::span<const float> vector, float value) {
                       add(of_item ? item : request, vector, value);
                     });
  const auto known_item = factors.item_at(0);
  const auto known_person = factors.person_at(0);
  if (known_item) add(itself, of.vector(of.of_items, *known_item), 1);
  if (known_person) add(person, of.vector(of.of_people, *known_person), 1);

  Explanation explanation{0, std::vector<double>(row.width + row.codes.size())};
  factors.each_input(0, places,
                     [&](std::size_t input, bool of_item, std::span<const float> vector, float value) {
                       double& sum = explanation.contributions[input];
                       for (std::size_t f = 0; f < of.factors; ++f) {
                         const auto own = static_cast<double>(value * vector[f]);
                         sum += of_item ? own * (request[f] / 2 + person[f] + itself[f] + (item[f] - own) / 2)
                                        : own * (item[f] / 2 + itself[f]);
                       }
                     });
  if (known_item) explanation.base += static_cast<double>(of.item_weights[*known_item]);
  for (std::size_t f = 0; f < of.factors; ++f) explanation.base += person[f] * itself[f];
  return explanation;
}

class FactorizationModel final : public Model {
 public:
  FactorizationModel(Factorisation of, const Domain& domain)
      : of_(std::make_shared<const Factorisation>(std::move(of))),
        sides_(*of_, domain),
        feature_fingerprint_(domain.feature_fingerprint) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return feature_fingerprint_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* previous,
                                            std::size_t memory) const override {
    return bind_factorisation(of_, std::move(catalog), previous, memory);
  }

  void score_features(const FeatureRows& rows, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    const PlacesOfRows places(of_->linear.words, rows, scores.size());
    RowFactors factors(*of_, sides_, rows);
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const double log_odds = log_odds_of(of_->linear, rows, places.at(r), r) +
                              static_cast<double>(factors.log_odds(r, places.at(r)));
      scores[r] = static_cast<float>(1 / (1 + std::exp(-log_odds)));
    }
  }

  Explanation explain(const FeatureRows& row) const override {
    const PlacesOfRows places(of_->linear.words, row, 1);
    Explanation explanation = explain_linear(of_->linear, row, places.at(0));
    const Explanation pairs = explain_factors(*of_, sides_, row, places.at(0));
    explanation.base += pairs.base;
    for (std::size_t i = 0; i < pairs.contributions.size(); ++i)
      explanation.contributions[i] += pairs.contributions[i];
    return explanation;
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<FactorizationModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::span<const ItemId> items() const override { return of_->items; }
  std::shared_ptr<const Model> renumbered(std::span<const ItemId> numbers) const override {
    Factorisation of = *of_;
    of.items.clear();
    of.item_weights.clear();
    of.of_items.clear();
    for (const std::size_t place : places_by_number(numbers)) {
      of.items.push_back(numbers[place]);
      of.item_weights.push_back(of_->item_weights[place]);
      const auto vector = of_->vector(of_->of_items, place);
      of.of_items.insert(of.of_items.end(), vector.begin(), vector.end());
    }
    auto model = std::make_shared<FactorizationModel>(*this);
    model->of_ = std::make_shared<const Factorisation>(std::move(of));
    return model;
  }

  std::string save() const override {
    return seal_artefact(
        {std::string(kFamily), format_of(*of_), feature_fingerprint_, calibration_, to_bytes(*of_)});
  }

 private:
  std::shared_ptr<const Factorisation> of_;
  FactorSides sides_;
  std::string feature_fingerprint_;
};

}  // namespace

std::shared_ptr<const Model> make_factorization_model(Factorisation of, const Domain& domain) {
  return std::make_shared<const FactorizationModel>(std::move(of), domain);
}

Result<std::shared_ptr<const Model>> load_factorization_model(const Artefact& artefact,
                                                              const Domain& domain) {
  auto of = factorisation_of(artefact, domain);
  if (!of) return of.error();
  return make_factorization_model(*std::move(of), domain)->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
