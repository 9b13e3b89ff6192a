#include "ml/families/gbdt/check_trees.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace rankloop::ml {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNodes =
    8191;  // of one tree: a full one of depth 12; explaining goes down recursively

Error wrong(std::string what) {
  return {ErrorCode::kDataLoss, std::move(what)};
}

// The value at a path of keys; null when there is none.
const json::value* find(const json::value& value, std::initializer_list<std::string_view> keys) {
  const json::value* found = &value;
  for (const std::string_view key : keys) {
    const json::object* object = found->if_object();
    found = object == nullptr ? nullptr : object->if_contains(key);
    if (found == nullptr) return nullptr;
  }
  return found;
}

bool is_text(const json::value* value, std::string_view text) {
  return value != nullptr && value->is_string() && value->get_string() == text;
}

// An array of whole numbers, `count` of them.
bool read_numbers(const json::value& object, std::string_view key, std::size_t count,
                  std::vector<std::int64_t>& numbers) {
  const json::value* value = find(object, {key});
  if (value == nullptr || !value->is_array() || value->get_array().size() != count) return false;
  numbers.clear();
  for (const json::value& number : value->get_array()) {
    if (!number.is_int64()) return false;
    numbers.push_back(number.get_int64());
  }
  return true;
}

bool is_array(const json::value& object, std::string_view key, std::size_t count) {
  const json::value* value = find(object, {key});
  return value != nullptr && value->is_array() && value->get_array().size() == count;
}

// One tree of numeric splits in which every node but the first has one parent.
bool is_tree(const json::value& tree, std::size_t width) {
  const json::value* children = find(tree, {"left_children"});
  if (children == nullptr || !children->is_array()) return false;
  const std::size_t nodes = children->get_array().size();
  std::vector<std::int64_t> left;
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> columns;
  std::vector<std::int64_t> kinds;
  if (nodes == 0 || nodes > kMostNodes ||
      !is_text(find(tree, {"tree_param", "num_nodes"}), std::to_string(nodes)) ||
      !is_text(find(tree, {"tree_param", "num_feature"}), std::to_string(width)) ||
      !is_text(find(tree, {"tree_param", "size_leaf_vector"}), "0") ||
      !read_numbers(tree, "left_children", nodes, left) ||
      !read_numbers(tree, "right_children", nodes, right) ||
      !read_numbers(tree, "split_indices", nodes, columns) ||
      !read_numbers(tree, "split_type", nodes, kinds) || !is_array(tree, "categories", 0)) {
    return false;
  }
  constexpr std::array<std::string_view, 6> kOfEveryNode = {
      "base_weights", "default_left", "loss_changes", "split_conditions", "sum_hessian", "parents"};
  if (!std::ranges::all_of(kOfEveryNode, [&](std::string_view key) { return is_array(tree, key, nodes); })) {
    return false;
  }
  std::vector<bool> has_parent(nodes);
  const auto adopt = [&](std::int64_t child) {
    if (child <= 0 || child >= static_cast<std::int64_t>(nodes)) return false;
    const auto at = static_cast<std::size_t>(child);
    const bool first = !has_parent[at];
    has_parent[at] = true;
    return first;
  };
  for (std::size_t node = 0; node < nodes; ++node) {
    if (kinds[node] != 0) return false;
    if (left[node] == -1 && right[node] == -1) continue;
    if (!adopt(left[node]) || !adopt(right[node])) return false;
    if (columns[node] < 0 || columns[node] >= static_cast<std::int64_t>(width)) return false;
  }
  return true;
}

}  // namespace

Status check_trees(std::string_view text, std::size_t width) {
  json::error_code code;
  const json::value model = json::parse(text, code);
  if (code) return wrong("no JSON: " + code.message());
  const json::value* learner = find(model, {"learner"});
  const json::value* booster = find(model, {"learner", "gradient_booster"});
  const json::value* list = find(model, {"learner", "gradient_booster", "model", "trees"});
  if (learner == nullptr || booster == nullptr || list == nullptr || !list->is_array()) {
    return wrong("no model of trees");
  }
  const std::string trees = std::to_string(list->get_array().size());
  const bool one_sum =  // every tree adds to the same number
      is_text(find(*booster, {"name"}), "gbtree") &&
      is_text(find(*booster, {"model", "gbtree_model_param", "num_parallel_tree"}), "1") &&
      is_text(find(*booster, {"model", "gbtree_model_param", "size_leaf_vector"}), "0") &&
      is_text(find(*booster, {"model", "gbtree_model_param", "num_trees"}), trees) &&
      is_text(find(*learner, {"learner_model_param", "num_class"}), "0") &&
      is_text(find(*learner, {"learner_model_param", "num_target"}), "1");
  std::vector<std::int64_t> groups;
  if (!one_sum || !read_numbers(*find(*booster, {"model"}), "tree_info", list->get_array().size(), groups) ||
      std::ranges::any_of(groups, [](std::int64_t group) { return group != 0; })) {
    return wrong("not one sum of trees");
  }
  if (!is_text(find(*learner, {"learner_model_param", "num_feature"}), std::to_string(width))) {
    return wrong("not of " + std::to_string(width) + " columns");
  }
  for (const json::value& tree : list->get_array()) {
    if (!is_tree(tree, width)) return wrong("a tree is damaged");
  }
  return {};
}

}  // namespace rankloop::ml
