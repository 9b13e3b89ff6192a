// Models that earlier versions made: they load, and score as they did.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/learn/labelled_file.h"
#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/train.h"
#include "support/checkout.h"

namespace rankloop::app {
namespace {

std::string text_of(const std::string& name) {
  const std::string path = in_checkout("tests/fixtures/artefacts/words-of-0.2/" + name);
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Trees of words, trained on these very rows, which name their readers.
TEST(EarlierArtefacts, ScoreAsTheyDid) {
  const DomainCheck check = read_domain(text_of("domain.toml"), "domain.toml");
  ASSERT_TRUE(check.faults.empty()) << check.faults.front().message;
  ItemKeys keys{check.domain->item_id_type};
  const auto rows = read_labelled(text_of("rows.tsv"), "rows.tsv", *check.domain, true, keys);
  ASSERT_TRUE(rows) << rows.error().message;
  const std::string artefact = text_of("model.rankloop");
  EXPECT_EQ(ml::open_artefact(artefact)->format, 3U);
  const auto model = ml::load_model(artefact, *check.domain);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->save(), artefact);
  std::istringstream expected(text_of("scores.tsv"));
  std::string line;
  std::getline(expected, line);
  for (const float score : ml::score_rows(**model, *rows)) {
    ASSERT_TRUE(std::getline(expected, line));
    EXPECT_NEAR(score, std::stof(line), 1e-7);
  }
  EXPECT_FALSE(std::getline(expected, line));
}

}  // namespace
}  // namespace rankloop::app
