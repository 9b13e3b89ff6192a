// Universal Binary JSON (ubjson.org, draft 12) as XGBoost 1.7 reads it: numbers are big-endian, a length is a
// 64-bit number after 'L', and lists of one type stand without a mark for each element.
#include <bit>
#include <limits>
#include <utility>

#include "domain/strict_json.h"
#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kBytesOfANode = 32;
constexpr std::size_t kBytesOfAWord = 4;
constexpr std::size_t kBytesOfATree = 640;
constexpr std::int32_t kNoParent = std::numeric_limits<std::int32_t>::max();

// The marks of lists of one type.
constexpr char kBytes = 'U';
constexpr char kWhole = 'l';
constexpr char kLong = 'L';
constexpr char kFloating = 'd';

class Writer {
 public:
  explicit Writer(std::size_t expected) { bytes_.reserve(expected); }

  void begin_object() { bytes_ += '{'; }
  void end_object() { bytes_ += '}'; }
  void begin_list() { bytes_ += '['; }
  void end_list() { bytes_ += ']'; }

  void key(std::string_view name) {
    length(name.size());
    bytes_ += name;
  }
  void text(std::string_view value) {
    bytes_ += 'S';
    key(value);
  }
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void number(std::int32_t value) {
    bytes_ += kWhole;
    put(static_cast<std::uint32_t>(value));
  }
  // The key and what comes before the elements of a list of one type.
  void begin_elements(std::string_view name, char type, std::size_t count) {
    key(name);
    bytes_ += "[$";
    bytes_ += type;
    bytes_ += '#';
    length(count);
  }
  void element(std::uint8_t value) { put(value); }
  void element(std::int32_t value) { put(static_cast<std::uint32_t>(value)); }
  void element(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
  void element(float value) { put(std::bit_cast<std::uint32_t>(value)); }

  std::string take() { return std::move(bytes_); }

 private:
  template <class Unsigned>
  void put(Unsigned value) {
    for (std::size_t byte = sizeof value; byte-- > 0;)
      bytes_ += static_cast<char>(value >> (8 * byte) & 0xFF);
  }
  void length(std::size_t value) {
    bytes_ += kLong;
    put(static_cast<std::uint64_t>(value));
  }

  std::string bytes_;
};

template <class ValueOf>
void put_list(Writer& out, std::string_view name, char type, std::size_t count, ValueOf value_of) {
  out.begin_elements(name, type, count);
  for (std::size_t i = 0; i < count; ++i) out.element(value_of(i));
}

std::vector<std::int32_t> parents_of(const Tree& tree) {
  std::vector<std::int32_t> parents(tree.size(), kNoParent);
  for (std::size_t node = 0; node < tree.size(); ++node) {
    if (tree[node].is_leaf()) continue;
    parents[static_cast<std::size_t>(tree[node].left)] = static_cast<std::int32_t>(node);
    parents[static_cast<std::size_t>(tree[node].right)] = static_cast<std::int32_t>(node);
  }
  return parents;
}

// The words that go right, of all nodes that split some, one after another.
void put_words(Writer& out, const Tree& tree) {
  std::vector<std::size_t> nodes;
  std::vector<std::int64_t> begins;
  std::vector<std::uint32_t> words;
  for (std::size_t node = 0; node < tree.size(); ++node) {
    if (tree[node].words.empty()) continue;
    nodes.push_back(node);
    begins.push_back(static_cast<std::int64_t>(words.size()));
    words.insert(words.end(), tree[node].words.begin(), tree[node].words.end());
  }
  put_list(out, "categories", kWhole, words.size(),
           [&](std::size_t i) { return static_cast<std::int32_t>(words[i]); });
  put_list(out, "categories_nodes", kWhole, nodes.size(),
           [&](std::size_t i) { return static_cast<std::int32_t>(nodes[i]); });
  put_list(out, "categories_segments", kLong, nodes.size(), [&](std::size_t i) { return begins[i]; });
  put_list(out, "categories_sizes", kLong, nodes.size(),
           [&](std::size_t i) { return static_cast<std::int64_t>(tree[nodes[i]].words.size()); });
}

void put_tree(Writer& out, const Tree& tree, std::int32_t id, const std::string& width) {
  const std::size_t nodes = tree.size();
  const std::vector<std::int32_t> parents = parents_of(tree);
  const auto nothing = [](std::size_t) { return 0.0F; };
  out.begin_object();
  put_list(out, "base_weights", kFloating, nodes, nothing);
  put_words(out, tree);
  put_list(out, "default_left", kBytes, nodes,
           [&](std::size_t i) { return std::uint8_t{tree[i].absent_left}; });
  out.key("id");
  out.number(id);
  put_list(out, "left_children", kWhole, nodes, [&](std::size_t i) { return tree[i].left; });
  put_list(out, "loss_changes", kFloating, nodes, nothing);
  put_list(out, "parents", kWhole, nodes, [&](std::size_t i) { return parents[i]; });
  put_list(out, "right_children", kWhole, nodes, [&](std::size_t i) { return tree[i].right; });
  put_list(out, "split_conditions", kFloating, nodes, [&](std::size_t i) { return tree[i].condition; });
  put_list(out, "split_indices", kWhole, nodes,
           [&](std::size_t i) { return static_cast<std::int32_t>(tree[i].column); });
  put_list(out, "split_type", kBytes, nodes,
           [&](std::size_t i) { return static_cast<std::uint8_t>(tree[i].words.empty() ? 0 : 1); });
  put_list(out, "sum_hessian", kFloating, nodes, [&](std::size_t i) { return tree[i].cover; });
  out.key("tree_param");
  out.begin_object();
  out.member("num_deleted", "0");
  out.member("num_feature", width);
  out.member("num_nodes", std::to_string(nodes));
  out.member("size_leaf_vector", "0");
  out.end_object();
  out.end_object();
}

void put_booster(Writer& out, const Trees& trees) {
  out.begin_object();
  out.key("model");
  out.begin_object();
  out.key("gbtree_model_param");
  out.begin_object();
  out.member("num_parallel_tree", "1");
  out.member("num_trees", std::to_string(trees.trees.size()));
  out.member("size_leaf_vector", "0");
  out.end_object();
  out.key("tree_info");
  out.begin_list();
  for (std::size_t i = 0; i < trees.trees.size(); ++i) out.number(0);
  out.end_list();
  out.key("trees");
  out.begin_list();
  const std::string width = std::to_string(trees.width);
  std::int32_t id = 0;
  for (const Tree& tree : trees.trees) put_tree(out, tree, id++, width);
  out.end_list();
  out.end_object();
  out.member("name", "gbtree");
  out.end_object();
}

void put_objective(Writer& out, Objective objective) {
  out.begin_object();
  out.member("name", xgboost_name(objective));
  if (objective == Objective::kListwise) {
    out.key("lambda_rank_param");
    out.begin_object();
    out.member("fix_list_weight", "0");
    out.member("num_pairsample", "4");
  } else {
    out.key("reg_loss_param");
    out.begin_object();
    out.member("scale_pos_weight", "1");
  }
  out.end_object();
  out.end_object();
}

}  // namespace

std::string write_trees(const Trees& trees) {
  std::size_t nodes = 0;
  std::size_t words = 0;
  for (const Tree& tree : trees.trees) {
    nodes += tree.size();
    for (const TreeNode& node : tree) words += node.words.size();
  }
  Writer out(1024 + nodes * kBytesOfANode + words * kBytesOfAWord + trees.trees.size() * kBytesOfATree);
  out.begin_object();
  out.key("learner");
  out.begin_object();
  out.key("attributes");
  out.begin_object();
  out.end_object();
  for (const std::string_view name : {"feature_names", "feature_types"}) {
    out.key(name);
    out.begin_list();
    out.end_list();
  }
  out.key("gradient_booster");
  put_booster(out, trees);
  out.key("learner_model_param");
  out.begin_object();
  std::string base_score;
  append_json_number(base_score, trees.base_score);
  out.member("base_score", base_score);
  out.member("num_class", "0");
  out.member("num_feature", std::to_string(trees.width));
  out.member("num_target", "1");
  out.end_object();
  out.key("objective");
  put_objective(out, trees.objective);
  out.end_object();
  out.key("version");
  out.begin_list();
  for (const std::int32_t number : {1, 7, 4}) out.number(number);
  out.end_list();
  out.end_object();
  return out.take();
}

}  // namespace rankloop::ml
