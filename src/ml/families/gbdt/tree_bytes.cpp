// Trees as the bytes of an artefact.
#include <utility>

#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kBytesOfANode = 20;
constexpr std::uint32_t kAbsentLeft = 0x80000000U;  // beside the column

Error wrong(std::string what) {
  return {ErrorCode::kDataLoss, std::move(what)};
}

TreeLists get_lists(ByteReader& reader, std::size_t nodes) {
  TreeLists lists;
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::uint32_t column = reader.get_number();
    lists.columns.push_back(column & ~kAbsentLeft);
    lists.absent_left.push_back((column & kAbsentLeft) != 0 ? 1 : 0);
    lists.left.push_back(static_cast<std::int32_t>(reader.get_number()));
    lists.right.push_back(static_cast<std::int32_t>(reader.get_number()));
    lists.conditions.push_back(reader.get_float());
    lists.covers.push_back(reader.get_float());
  }
  return lists;
}

}  // namespace

void put_trees(const Trees& trees, ByteWriter& writer) {
  writer.put(trees.base_score);
  writer.put(static_cast<std::uint32_t>(trees.trees.size()));
  for (const Tree& tree : trees.trees) {
    writer.put(static_cast<std::uint32_t>(tree.size()));
    for (const TreeNode& node : tree) {
      writer.put(node.column | (node.absent_left ? kAbsentLeft : 0));
      writer.put(static_cast<std::uint32_t>(node.left));
      writer.put(static_cast<std::uint32_t>(node.right));
      writer.put(node.condition);
      writer.put(node.cover);
    }
  }
}

Result<Trees> get_trees(ByteReader& reader, std::size_t width, Objective objective) {
  Trees trees{.width = width, .objective = objective, .base_score = reader.get_float(), .trees = {}};
  const std::uint32_t count = reader.get_number();
  if (const Status sound = check_base_score(trees); !sound) return sound.error();
  if (count == 0 || count > kMostTrees)
    return wrong("there are " + std::to_string(count) + " trees; allowed are 1 to " +
                 std::to_string(kMostTrees));
  std::size_t all = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t nodes = reader.get_number();
    all += nodes;
    if (nodes > kMostNodes || all > kMostNodesOfAll || reader.left() < nodes * kBytesOfANode)
      return wrong("tree " + std::to_string(i) + ": it says that it has " + std::to_string(nodes) + " nodes");
    auto tree = make_tree(get_lists(reader, nodes), width);
    if (!tree) return wrong("tree " + std::to_string(i) + ": " + tree.error().message);
    trees.trees.push_back(*std::move(tree));
  }
  return trees;
}

}  // namespace rankloop::ml
