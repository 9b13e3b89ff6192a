// Boosted trees as plain, checked values. XGBoost trusts every number that it reads, so it is given only what
// write_trees() makes of these; nothing that came from outside reaches it as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "ml/artefact.h"
#include "ml/train.h"

namespace rankloop::ml {

// Bounds of what is read. A training makes trees of depth 12 at most, 8,191 nodes when they are full.
inline constexpr std::size_t kMostTrees = 10'000;
inline constexpr std::size_t kMostNodes = 8'191;         // of one tree
inline constexpr std::size_t kMostNodesOfAll = 1 << 20;  // of all trees together
inline constexpr std::size_t kMostWordsOfAll = 1 << 22;  // in the splits of all trees together
inline constexpr std::uint32_t kMostWordNumber = 1 << 12;
inline constexpr std::size_t kMostTreeDepth = 16;  // edges from the root; explaining goes down recursively
inline constexpr float kMostMargin = 1e9F;         // of a leaf or the base: no sum of them can overflow

struct TreeNode {
  static constexpr std::int32_t kNone = -1;

  bool is_leaf() const { return left == kNone; }

  std::int32_t left = kNone;   // for value < condition; both children or none
  std::int32_t right = kNone;  // otherwise
  // Of a split of words: the numbers of those that go right, each once, ascending; then no condition counts.
  std::vector<std::uint32_t> words;
  std::uint32_t column = 0;  // of the row, for an inner node
  float condition = 0;       // a leaf's margin
  float cover = 1;  // > 0: how much of the training rows came here; an inner node's is its children's sum
  bool absent_left = false;  // where a row goes that has no value
};

using Tree = std::vector<TreeNode>;  // [0] is the root; each other node is the child of exactly one

struct Trees {
  std::size_t width = 0;  // columns of a row
  Objective objective = Objective::kLogistic;
  float base_score = 0.5F;  // kLogistic: a probability, whose log-odds the sum begins with; else a margin
  std::vector<Tree> trees;
};

// The lists that describe one tree in XGBoost's schema, an element a node.
struct TreeLists {
  std::vector<std::int32_t> left;
  std::vector<std::int32_t> right;
  std::vector<std::uint32_t> columns;
  std::vector<float> conditions;
  std::vector<float> covers;
  std::vector<std::uint8_t> absent_left;
  std::vector<std::vector<std::uint32_t>> words;
};

// The tree that is reached from node 0, numbered anew without what is not. kDataLoss, naming the node: lists
// of different lengths, children that are not nodes or have two parents, columns beyond `width`, words out of
// order or bounds, too deep, a leaf's margin or a cover out of bounds.
Result<Tree> make_tree(const TreeLists& lists, std::size_t width);

// kDataLoss: the base score is out of bounds.
Status check_base_score(const Trees& trees);

// Reads a model in XGBoost's JSON schema, as Booster::text() gives it, within the bounds above and without
// taking more memory than its nodes need. Strict: members that the schema does not have, repeated or missing
// ones, categories of nodes that split no words, and anything but one sum of trees are refused. kDataLoss,
// naming what is wrong.
Result<Trees> read_trees(std::string_view text, std::size_t width, Objective objective);

// The form that an artefact keeps: 20 bytes a node, and its words.
void put_trees(const Trees& trees, ByteWriter& writer);
// Reads it back, bit by bit, within the bounds above. kDataLoss, naming what is wrong.
Result<Trees> get_trees(ByteReader& reader, std::size_t width, Objective objective);

// What XGBoost is given: its own schema with exactly the values of `trees`, in its binary form, of which it
// makes no object for each number.
std::string write_trees(const Trees& trees);

// The library's name for an objective.
std::string_view xgboost_name(Objective objective);

}  // namespace rankloop::ml
