// What comes in as trees: from an artefact of version 0.1 (XGBoost's text), from one of today, or from
// someone who wishes us ill.
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/families/families.h"
#include "ml/families/gbdt/gbdt_model.h"
#include "ml/families/gbdt/trees.h"
#include "support/checkout.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kWidth = 40;  // of the trees of the fixture
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "trees";
  return domain;
}

// Three trees that version 0.1 trained, in XGBoost's own text.
std::string old_text() {
  std::ifstream file(in_checkout("tests/fixtures/artefacts/trees-of-0.1.json"));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string old_artefact(const std::string& text) {
  ByteWriter writer;
  writer.put(std::string_view("logistic"));
  writer.put(static_cast<std::uint32_t>(kWidth));
  writer.put(std::string_view(text));
  return seal_artefact({"gbdt", 1, "trees", {}, writer.take()});
}

std::string reason(const Result<Trees>& trees) {
  return trees ? "read" : trees.error().message;
}

std::string read_text(std::string_view text) {
  return reason(read_trees(text, kWidth, Objective::kLogistic));
}

// The text with one place changed.
std::string changed(std::string_view what, std::string_view with) {
  std::string text = old_text();
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

std::vector<float> sample_row(SampleNumbers& random) {
  std::vector<float> row;
  for (std::size_t c = 0; c < kWidth; ++c)
    row.push_back(random.chance(0.2) ? kNan : static_cast<float>(random.uniform(-2, 200)));
  return row;
}

// The sum of the trees as the text describes them, walked here.
double margin_of(const boost::json::value& model, std::span<const float> row) {
  const auto& learner = model.at("learner").as_object();
  const double base = std::stod(std::string(learner.at("learner_model_param").at("base_score").as_string()));
  double sum = std::log(base / (1 - base));
  for (const auto& tree : learner.at("gradient_booster").at("model").at("trees").as_array()) {
    std::size_t node = 0;
    while (tree.at("left_children").as_array()[node].as_int64() >= 0) {
      const float value = row[tree.at("split_indices").as_array()[node].to_number<std::size_t>()];
      const auto condition = tree.at("split_conditions").as_array()[node].to_number<float>();
      const bool left =
          std::isnan(value) ? tree.at("default_left").as_array()[node].as_int64() == 1 : value < condition;
      node = tree.at(left ? "left_children" : "right_children").as_array()[node].to_number<std::size_t>();
    }
    sum += tree.at("split_conditions").as_array()[node].to_number<double>();
  }
  return sum;
}

TEST(ReadTrees, ScoresAnArtefactOfVersion01AsItsTextSays) {
  const auto model = load_model(old_artefact(old_text()), domain_of(kWidth));
  ASSERT_TRUE(model) << model.error().message;
  const boost::json::value text = boost::json::parse(old_text());
  SampleNumbers random(1);
  for (int i = 0; i < 200; ++i) {
    const std::vector<float> row = sample_row(random);
    float score = 0;
    (*model)->score_features({row, kWidth, {}}, 0, {&score, 1});
    const double margin = margin_of(text, row);
    EXPECT_NEAR(score, 1 / (1 + std::exp(-margin)), 1e-6);
    const Explanation explanation = (*model)->explain({row, kWidth, {}});
    double sum = explanation.base;
    for (const double part : explanation.contributions) sum += part;
    EXPECT_NEAR(sum, margin, 1e-4);
  }
}

TEST(ReadTrees, TakesBlanksThatJsonAllows) {
  EXPECT_EQ(read_text(std::string(5'000, ' ') + old_text() + "\n"), "read");
}

TEST(ReadTrees, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {changed(R"("trees":[)", R"("tre\u0065s":[],"trees":[)"), "the member 'trees' stands there twice"},
      {changed(R"("trees":[)", R"("trees":[],"tre\u0065s":[)"), "the member 'trees' stands there twice"},
      {changed(R"("learner":{)", R"("learner":{},"l\u0065arner":{)"), "missing"},
      {changed(R"("split_indices":[30)", R"("split_indices":[40)"), "node 0 asks for column 40 of 40"},
      {changed(R"("split_indices":[30)", R"("split_indices":[2000000000)"), "column 2000000000 of 40"},
      {changed(R"("split_indices":[30)", R"("split_indices":[-1)"), "out of range"},
      {changed(R"("split_indices":[30)", R"("split_indices":[3e1)"), "out of range"},
      {changed(R"("left_children":[1)", R"("left_children":[0)"), "node 0 has the child 0"},
      {changed(R"("left_children":[1)", R"("left_children":[9)"), "node 0 has the child 9"},
      {changed(R"("left_children":[1)", R"("left_children":[2)"), "node 2 has two parents"},
      {changed(R"("left_children":[1)", R"("left_children":[-1)"), "node 0 has the child -1"},
      {changed(R"("left_children":[1)", R"("left_children":[500000000)"), "out of range"},
      {changed(R"("left_children":[1,)", R"("left_children":[)"), "as many nodes as it says"},
      {changed(R"("right_children":[2,)", R"("right_children":[)"), "of different lengths"},
      {changed(R"("categories_nodes":[])", R"("categories_nodes":[1])"),
       "its words are not those of its nodes"},
      {changed(R"("categories":[])", R"("categories":[3])"), "its words are not those of its nodes"},
      {changed(R"("categories":[])", R"("categories":[4097])"), "out of range"},
      {changed(R"("categories":[])", R"("categories":[[]])"), "where none belongs"},
      {changed(R"("split_type":[0)", R"("split_type":[1)"), "its words are not those of its nodes"},
      {changed(R"("tree_info":[0)", R"("tree_info":[3)"), "not one sum"},
      {changed(R"("tree_info":[0,)", R"("tree_info":[)"), "as many trees as it says"},
      {changed(R"("num_parallel_tree":"1")", R"("num_parallel_tree":"0")"), "must be 1"},
      {changed(R"("num_class":"0")", R"("num_class":"3")"), "must be 0"},
      {changed(R"("num_feature":"40")", R"("num_feature":"41")"), "the number of columns must be 40"},
      {changed(R"("name":"gbtree")", R"("name":"gblinear")"), "must be gbtree"},
      {changed(R"("name":"binary:logistic")", R"("name":"multi:softmax")"), "must be binary:logistic"},
      {changed(R"("base_score":"8.0833E-2")", R"("base_score":"1")"), "no probability"},
      {changed(R"("base_score":"8.0833E-2")", R"("base_score":"nan")"), "base score"},
      {changed(R"("split_conditions":[1E0)", R"("split_conditions":[1E400)"), "out of range"},
      {changed(R"("split_conditions":[1E0)", R"("split_conditions":[NaN)"), "no JSON of a model"},
      {changed(R"("split_conditions":[1E0)", R"("split_conditions":[null)"), "null"},
      {changed(R"("sum_hessian":[)", R"("sum_hessian":["a",)"), "a text stands where none belongs"},
      {changed(R"("version")", R"("verse")"), "the member \"verse\" does not belong there"},
      {"[" + std::string(1 << 20, '[') + "]", "where none belongs"},
      {old_text() + "{}", "something follows after the trees"},
      {"", "no JSON of a model"},
      {"7", "where none belongs"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_NE(read_text(text).find(expected), std::string::npos) << read_text(text) << "\nnot: " << expected;
  }
}

// What is not used cannot hurt: parents are derived, the rest is not looked at.
TEST(ReadTrees, PassesOverWhatItDoesNotUse) {
  const auto expected = read_trees(old_text(), kWidth, Objective::kLogistic);
  ASSERT_TRUE(expected);
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {R"("parents":[2147483647,0)", R"("parents":[5000,-1)"},
           {R"("base_weights":[)", R"("base_weights":["a",[[{}]],)"},
           {R"("loss_changes":[)", R"("loss_changes":[1e999,)"},
           {R"("attributes":{})", R"("attributes":{"best":{"a":[1,null,true]}})"}}) {
    const auto trees = read_trees(changed(what, with), kWidth, Objective::kLogistic);
    ASSERT_TRUE(trees) << trees.error().message;
    EXPECT_EQ(write_trees(*trees), write_trees(*expected));
  }
}

// A list of zeros that would take gigabytes as values is refused where it stands.
TEST(ReadTrees, EndsAtTheFirstNodeTooMany) {
  std::string zeros;
  for (std::size_t i = 0; i <= kMostNodes; ++i) zeros += "0,";
  EXPECT_EQ(read_text(changed(R"("split_indices":[)", R"("split_indices":[)" + zeros)),
            "a tree has more than 8191 nodes");
}

TreeLists two_leaves() {
  return {.left = {1, -1, -1},
          .right = {2, -1, -1},
          .columns = {0, 0, 0},
          .conditions = {0.5F, -1, 1},
          .covers = {10, 4, 6},
          .absent_left = {1, 0, 0},
          .words = std::vector<std::vector<std::uint32_t>>(3)};
}

// Inner nodes in a line, each with a leaf at its left.
TreeLists line(std::size_t depth) {
  TreeLists lists;
  const std::size_t nodes = 2 * depth + 1;
  for (std::size_t node = 0; node < nodes; ++node) {
    const bool inner = node % 2 == 0 && node + 1 < nodes;
    lists.left.push_back(inner ? static_cast<std::int32_t>(node) + 1 : -1);
    lists.right.push_back(inner ? static_cast<std::int32_t>(node) + 2 : -1);
    lists.columns.push_back(0);
    lists.conditions.push_back(static_cast<float>(node));
    lists.covers.push_back(1);
    lists.absent_left.push_back(0);
    lists.words.emplace_back();
  }
  return lists;
}

TEST(MakeTree, RefusesWhatExplainingWouldNotSurvive) {
  EXPECT_TRUE(make_tree(line(kMostTreeDepth), 1));
  const auto deep = make_tree(line(kMostTreeDepth + 1), 1);
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message, "node 32 lies deeper than 16");
  EXPECT_FALSE(make_tree({}, 1));
  for (const auto& spoil : std::vector<std::function<void(TreeLists&)>>{
           [](TreeLists& lists) { lists.conditions[1] = kNan; },
           [](TreeLists& lists) { lists.conditions[1] = 2e9F; },
           [](TreeLists& lists) { lists.conditions[0] = std::numeric_limits<float>::infinity(); },
           [](TreeLists& lists) { lists.covers[2] = kNan; }, [](TreeLists& lists) { lists.columns[0] = 1; },
           [](TreeLists& lists) { lists.right[0] = 1; }, [](TreeLists& lists) { lists.right[1] = 2; },
           [](TreeLists& lists) { lists.columns.pop_back(); }}) {
    TreeLists lists = two_leaves();
    ASSERT_TRUE(make_tree(lists, 1));
    spoil(lists);
    EXPECT_FALSE(make_tree(lists, 1));
  }
}

TEST(MakeTree, LeavesOutWhatIsNotReached) {
  TreeLists lists = two_leaves();
  for (const std::int32_t child : {4, 3}) {  // two that are each other's parent
    lists.left.insert(lists.left.end(), child);
    lists.right.push_back(child);
    lists.columns.push_back(0);
    lists.conditions.push_back(0);
    lists.covers.push_back(0);
    lists.absent_left.push_back(0);
    lists.words.emplace_back();
  }
  const auto tree = make_tree(lists, 1);
  ASSERT_TRUE(tree) << tree.error().message;
  EXPECT_EQ(tree->size(), 3U);
}

// Explaining divides by shares of covers.
TEST(MakeTree, ExplainsWithFiniteNumbersWhateverTheCovers) {
  for (const auto& covers :
       std::vector<std::vector<float>>{{0, 0, 0}, {0, -1e-9F, 3}, {0, 0, 1e30F}, {7, 1e-30F, 1}}) {
    TreeLists lists = two_leaves();
    lists.covers = covers;
    auto tree = make_tree(lists, 1);
    ASSERT_TRUE(tree);
    ByteWriter writer;
    writer.put(std::string_view("logistic"));
    writer.put(std::uint32_t{1});
    put_trees({.width = 1, .trees = {*tree}}, writer);
    const auto model = load_model(seal_artefact({"gbdt", 2, "trees", {}, writer.take()}), domain_of(1));
    ASSERT_TRUE(model) << model.error().message;
    const std::vector<float> row = {1};
    const Explanation explanation = (*model)->explain({row, 1, {}});
    EXPECT_TRUE(std::isfinite(explanation.base));
    EXPECT_NEAR(explanation.base + explanation.contributions[0], 1, 1e-4);
  }
}

TEST(TreeBytes, GiveBackTheSameBits) {
  const auto trees = read_trees(old_text(), kWidth, Objective::kLogistic);
  ASSERT_TRUE(trees);
  ByteWriter writer;
  put_trees(*trees, writer);
  const std::string bytes = writer.take();
  ByteReader reader(bytes);
  const auto again = get_trees(reader, kWidth, Objective::kLogistic);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(write_trees(*again), write_trees(*trees));
}

TEST(TreeBytes, AreCountedBeforeAnythingIsTaken) {
  const auto reason_for = [](std::initializer_list<std::uint32_t> numbers) {
    ByteWriter writer;
    writer.put(0.5F);
    for (const std::uint32_t number : numbers) writer.put(number);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    return reason(get_trees(reader, 1, Objective::kLogistic));
  };
  EXPECT_EQ(reason_for({0xFFFFFFFF}), "there are 4294967295 trees; allowed are 1 to 10000");
  EXPECT_EQ(reason_for({1, 0xFFFFFFFF}), "tree 0: it says that it has 4294967295 nodes");
  EXPECT_EQ(reason_for({1, 8'000}), "tree 0: it says that it has 8000 nodes");
  EXPECT_NE(reason_for({10'000}).find("tree 0"), std::string::npos);
}

}  // namespace
}  // namespace rankloop::ml
