// Trees as the bytes of an artefact.
#include <utility>

#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kBytesOfANode = 20;
constexpr std::size_t kBytesOfAWord = 4;
// Beside the column.
constexpr std::uint32_t kAbsentLeft = 0x80000000U;
constexpr std::uint32_t kOfWords = 0x40000000U;  // the node's words follow

Error wrong(std::string what) {
  return {ErrorCode::kDataLoss, std::move(what)};
}

// `left`: how many words there may still be.
Result<std::vector<std::uint32_t>> get_words(ByteReader& reader, std::size_t& left) {
  const std::uint32_t count = reader.get_number();
  if (count == 0 || count > left || reader.left() < count * kBytesOfAWord)
    return wrong("a node says that it splits " + std::to_string(count) + " words");
  left -= count;
  std::vector<std::uint32_t> words;
  for (std::uint32_t i = 0; i < count; ++i) words.push_back(reader.get_number());
  return words;
}

Result<TreeLists> get_lists(ByteReader& reader, std::size_t nodes, std::size_t& words_left) {
  TreeLists lists;
  lists.words.resize(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::uint32_t column = reader.get_number();
    lists.columns.push_back(column & ~(kAbsentLeft | kOfWords));
    lists.absent_left.push_back((column & kAbsentLeft) != 0 ? 1 : 0);
    lists.left.push_back(static_cast<std::int32_t>(reader.get_number()));
    lists.right.push_back(static_cast<std::int32_t>(reader.get_number()));
    lists.conditions.push_back(reader.get_float());
    lists.covers.push_back(reader.get_float());
    if ((column & kOfWords) == 0) continue;
    auto words = get_words(reader, words_left);
    if (!words) return words.error();
    lists.words[i] = *std::move(words);
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
      writer.put(node.column | (node.absent_left ? kAbsentLeft : 0) | (node.words.empty() ? 0 : kOfWords));
      writer.put(static_cast<std::uint32_t>(node.left));
      writer.put(static_cast<std::uint32_t>(node.right));
      writer.put(node.condition);
      writer.put(node.cover);
      if (node.words.empty()) continue;
      writer.put(static_cast<std::uint32_t>(node.words.size()));
      for (const std::uint32_t word : node.words) writer.put(word);
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
  std::size_t words_left = kMostWordsOfAll;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t nodes = reader.get_number();
    all += nodes;
    if (nodes > kMostNodes || all > kMostNodesOfAll || reader.left() < nodes * kBytesOfANode)
      return wrong("tree " + std::to_string(i) + ": it says that it has " + std::to_string(nodes) + " nodes");
    const auto lists = get_lists(reader, nodes, words_left);
    auto tree = lists ? make_tree(*lists, width) : Result<Tree>(lists.error());
    if (!tree) return wrong("tree " + std::to_string(i) + ": " + tree.error().message);
    trees.trees.push_back(*std::move(tree));
  }
  return trees;
}

}  // namespace rankloop::ml
