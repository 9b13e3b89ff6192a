// Whatever bytes stand in an artefact: loading refuses them, or the model scores rows, explains one and comes
// back from its own artefact with the same bits. The first byte chooses the domain (its highest bit: one with
// words) and what the rest is: a payload of one of the families, XGBoost's text of trees, or a whole
// artefact.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/families/families.h"
#include "ml/feature_space.h"

namespace {

using rankloop::ml::Artefact;

constexpr std::size_t kRows = 8;

// Features of words on both sides, numbers and a cross.
std::shared_ptr<const rankloop::Domain> films() {
  const auto check = rankloop::read_domain(R"(
[domain]
name = "films"
[request]
noun = "viewer"
field = [{ name = "mood", type = "string", required = false }, { name = "age", type = "int" }]
[item]
noun = "film"
field = [{ name = "genre", type = "string" }, { name = "stars", type = "float", required = false }]
[model]
features = ["mood", "age", "genre", "stars"]
[[cross]]
name = "age_by_stars"
how = "product"
request = "age"
item = "stars"
)",
                                           "films.toml");
  if (!check.domain) std::abort();
  return check.domain;
}

rankloop::ml::LabelledRows sample_rows(const rankloop::Domain& domain) {
  const rankloop::ml::FeatureSpace space(domain);
  rankloop::ml::LabelledRows rows;
  rows.width = space.numbers().size();
  rows.codes.resize(space.codes().size());
  rows.dictionary = std::make_shared<rankloop::ml::Dictionary>();
  for (std::size_t i = 0; i < kRows * rows.width; ++i) {
    rows.values.push_back(i % 7 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                     : static_cast<float>(i % 13) * 31 - 90);
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    rows.items.push_back({static_cast<std::int64_t>(i)});
    rows.people.push_back(i);
    for (auto& column : rows.codes) {
      const rankloop::Words words =
          i % 3 == 0 ? rankloop::Words{} : rankloop::Words{{std::string(i % 3, 'a')}};
      column.append(rankloop::ml::codes_of(words, *rows.dictionary));
    }
  }
  return rows;
}

std::vector<std::uint32_t> bits_of(const rankloop::ml::Model& model, const rankloop::ml::LabelledRows& rows) {
  std::vector<float> scores(kRows);
  model.score_features(rows.view(), 1, scores);
  std::vector<std::uint32_t> bits;
  for (const float score : scores) {
    if (std::isnan(score)) std::abort();
    bits.push_back(std::bit_cast<std::uint32_t>(score));
  }
  return bits;
}

// A domain, and rows of it.
struct Sample {
  explicit Sample(std::shared_ptr<const rankloop::Domain> of)
      : domain(std::move(of)), rows(sample_rows(*domain)) {}
  const std::shared_ptr<const rankloop::Domain> domain;
  const rankloop::ml::LabelledRows rows;
};

void use(std::string_view bytes, const Sample& sample) {
  const auto model = rankloop::ml::load_model(bytes, *sample.domain);
  if (!model) return;
  const auto explanation = (*model)->explain(sample.rows.view().some(0, 1));
  if (explanation.contributions.size() != sample.rows.width + sample.rows.codes.size()) std::abort();
  const auto again = rankloop::ml::load_model((*model)->save(), *sample.domain);
  if (!again || bits_of(**again, sample.rows) != bits_of(**model, sample.rows)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const Sample places(rankloop::default_domain());
  static const Sample words(films());
  constexpr std::uint8_t kWords = 0x80;
  const bool of_words = (data[0] & kWords) != 0;
  const Sample& sample = of_words ? words : places;
  const rankloop::Domain& domain = *sample.domain;
  const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto families = rankloop::ml::families();
  const std::size_t choice = (data[0] & ~kWords) % (families.size() + 3);
  if (choice < families.size()) {
    const auto& family = families[choice];
    const bool first_format = family.name == "factorization";
    const std::uint32_t format = first_format ? 1U : of_words ? 3U : family.name == "gbdt" ? 2U : 1U;
    Artefact artefact{std::string(family.name), format, domain.feature_fingerprint, {}, std::string(rest)};
    use(rankloop::ml::seal_artefact(artefact), sample);
  } else if (choice < families.size() + 2) {
    rankloop::ml::ByteWriter writer;
    writer.put(std::string_view(choice == families.size() ? "logistic" : "ndcg"));
    writer.put(static_cast<std::uint32_t>(rankloop::ml::FeatureSpace(domain).numbers().size()));
    writer.put(rest);
    use(rankloop::ml::seal_artefact({"gbdt", 1, domain.feature_fingerprint, {}, writer.take()}), sample);
  } else {
    use(rest, sample);
  }
  return 0;
}
