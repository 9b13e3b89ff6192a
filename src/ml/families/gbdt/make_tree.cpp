// Checks the nodes of a tree and lays them out for scoring.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

// A leaf counts for at least this part of the greatest one: explaining divides by shares of covers.
constexpr float kLeastShare = 1e-7F;

struct Visit {
  std::size_t node = 0;
  std::size_t depth = 0;
};

Error wrong(std::size_t node, std::string_view what) {
  return {ErrorCode::kDataLoss, "node " + std::to_string(node) + ' ' + std::string(what)};
}

bool same_lengths(const TreeLists& lists) {
  const std::size_t nodes = lists.left.size();
  return lists.right.size() == nodes && lists.columns.size() == nodes && lists.conditions.size() == nodes &&
         lists.covers.size() == nodes && lists.absent_left.size() == nodes && lists.words.size() == nodes;
}

bool in_order(std::span<const std::uint32_t> words) {
  return words.empty() || (words.back() <= kMostWordNumber &&
                           std::ranges::adjacent_find(words, std::greater_equal<>()) == words.end());
}

Status check_node(const TreeLists& lists, const Visit& at, std::size_t width) {
  const std::size_t node = at.node;
  const float condition = lists.conditions[node];
  if (lists.left[node] == TreeNode::kNone && lists.right[node] == TreeNode::kNone) {
    if (!(std::abs(condition) <= kMostMargin)) return wrong(node, "has a margin beyond 1e9");
    const float cover = lists.covers[node];
    if (!(std::abs(cover) <= 1e30F)) return wrong(node, "has a cover beyond 1e30");
    return {};
  }
  if (!std::isfinite(condition)) return wrong(node, "has a condition that is not finite");
  if (lists.columns[node] >= width) {
    return wrong(node,
                 "asks for column " + std::to_string(lists.columns[node]) + " of " + std::to_string(width));
  }
  if (!in_order(lists.words[node])) return wrong(node, "has words that do not ascend up to 4096");
  for (const std::int32_t child : {lists.left[node], lists.right[node]}) {
    if (child <= 0 || std::cmp_greater_equal(child, lists.left.size())) {
      return wrong(node, "has the child " + std::to_string(child));
    }
  }
  if (at.depth >= kMostTreeDepth) return wrong(node, "lies deeper than " + std::to_string(kMostTreeDepth));
  return {};
}

// The nodes that are reached from the first, each before its children.
Result<std::vector<std::size_t>> reached_nodes(const TreeLists& lists, std::size_t width,
                                               std::vector<bool>& reached) {
  std::vector<std::size_t> order;
  std::vector<Visit> open = {{}};
  while (!open.empty()) {
    const Visit at = open.back();
    open.pop_back();
    if (reached[at.node]) return wrong(at.node, "has two parents");
    reached[at.node] = true;
    if (const Status sound = check_node(lists, at, width); !sound) return sound.error();
    order.push_back(at.node);
    if (lists.left[at.node] == TreeNode::kNone) continue;
    open.push_back({static_cast<std::size_t>(lists.right[at.node]), at.depth + 1});
    open.push_back({static_cast<std::size_t>(lists.left[at.node]), at.depth + 1});
  }
  return order;
}

// Covers of leaves as they came, but none without any; those of inner nodes are their sums.
void set_covers(const TreeLists& lists, std::span<const std::size_t> order,
                std::span<const std::int32_t> numbers, Tree& tree) {
  float greatest = 0;
  for (const std::size_t node : order) {
    if (lists.left[node] == TreeNode::kNone) greatest = std::max(greatest, lists.covers[node]);
  }
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    TreeNode& made = tree[static_cast<std::size_t>(numbers[*node])];
    if (made.is_leaf()) {
      made.cover = greatest > 0 ? std::max(lists.covers[*node], greatest * kLeastShare) : 1;
    } else {
      made.cover =
          tree[static_cast<std::size_t>(made.left)].cover + tree[static_cast<std::size_t>(made.right)].cover;
    }
  }
}

}  // namespace

Result<Tree> make_tree(const TreeLists& lists, std::size_t width) {
  const std::size_t nodes = lists.left.size();
  if (nodes == 0 || nodes > kMostNodes || !same_lengths(lists)) {
    return Error(ErrorCode::kDataLoss, "its lists are empty, longer than " + std::to_string(kMostNodes) +
                                           " nodes or of different lengths");
  }
  std::vector<bool> reached(nodes);
  const auto order = reached_nodes(lists, width, reached);
  if (!order) return order.error();
  std::vector<std::int32_t> numbers(nodes);
  std::int32_t next = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    if (reached[node]) numbers[node] = next++;
  }
  Tree tree(order->size());
  for (const std::size_t node : *order) {
    TreeNode& made = tree[static_cast<std::size_t>(numbers[node])];
    made.condition = lists.conditions[node];
    if (lists.left[node] == TreeNode::kNone) continue;
    made.left = numbers[static_cast<std::size_t>(lists.left[node])];
    made.right = numbers[static_cast<std::size_t>(lists.right[node])];
    made.column = lists.columns[node];
    made.absent_left = lists.absent_left[node] != 0;
    made.words = lists.words[node];
  }
  set_covers(lists, *order, numbers, tree);
  return tree;
}

Status check_base_score(const Trees& trees) {
  if (!(std::abs(trees.base_score) <= kMostMargin))
    return Error(ErrorCode::kDataLoss, "the base score is not a number up to 1e9");
  if (trees.objective == Objective::kLogistic && !(trees.base_score > 0 && trees.base_score < 1))
    return Error(ErrorCode::kDataLoss, "the base score is no probability between 0 and 1");
  return {};
}

}  // namespace rankloop::ml
