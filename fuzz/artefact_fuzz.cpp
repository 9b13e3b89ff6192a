// Whatever bytes stand in an artefact: loading refuses them, or the model scores rows, explains one and comes
// back from its own artefact with the same bits. The first byte chooses what the rest is: a payload of one of
// the families, XGBoost's text of trees, or a whole artefact.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/families/families.h"

namespace {

using rankloop::ml::Artefact;

constexpr std::size_t kRows = 8;

rankloop::ml::LabelledRows sample_rows(const rankloop::Domain& domain) {
  rankloop::ml::LabelledRows rows;
  rows.features = domain.features.size() + domain.crosses.size();
  for (std::size_t i = 0; i < kRows * rows.features; ++i) {
    rows.values.push_back(i % 7 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                     : static_cast<float>(i % 13) * 31 - 90);
  }
  for (std::size_t i = 0; i < kRows; ++i) rows.items.push_back({static_cast<std::int64_t>(i)});
  return rows;
}

std::vector<std::uint32_t> bits_of(const rankloop::ml::Model& model, const rankloop::ml::LabelledRows& rows) {
  std::vector<float> scores(kRows);
  model.score_features({rows.values, rows.features, rows.items}, 1, scores);
  std::vector<std::uint32_t> bits;
  for (const float score : scores) {
    if (std::isnan(score)) std::abort();
    bits.push_back(std::bit_cast<std::uint32_t>(score));
  }
  return bits;
}

void use(std::string_view bytes, const rankloop::Domain& domain) {
  static const rankloop::ml::LabelledRows rows = sample_rows(domain);
  const auto model = rankloop::ml::load_model(bytes, domain);
  if (!model) return;
  const auto explanation = (*model)->explain({rows.row(0), rows.features, {rows.items.data(), 1}});
  if (explanation.contributions.size() != rows.features) std::abort();
  const auto again = rankloop::ml::load_model((*model)->save(), domain);
  if (!again || bits_of(**again, rows) != bits_of(**model, rows)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const auto domain = rankloop::default_domain();
  const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto families = rankloop::ml::families();
  const std::size_t choice = data[0] % (families.size() + 3);
  if (choice < families.size()) {
    const auto& family = families[choice];
    Artefact artefact{std::string(family.name),
                      family.name == "gbdt" ? 2U : 1U,
                      domain->feature_fingerprint,
                      {},
                      std::string(rest)};
    use(rankloop::ml::seal_artefact(artefact), *domain);
  } else if (choice < families.size() + 2) {
    rankloop::ml::ByteWriter writer;
    writer.put(std::string_view(choice == families.size() ? "logistic" : "ndcg"));
    writer.put(static_cast<std::uint32_t>(domain->features.size() + domain->crosses.size()));
    writer.put(rest);
    use(rankloop::ml::seal_artefact({"gbdt", 1, domain->feature_fingerprint, {}, writer.take()}), *domain);
  } else {
    use(rest, *domain);
  }
  return 0;
}
