// XGBoost's JSON of trees, member by member, as its version 1.7 writes it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rankloop::ml {

// What stands at a place of the schema.
enum class Place : std::uint8_t {
  // Objects, and the list of trees.
  kModel,
  kLearner,
  kLearnerParameters,
  kBooster,
  kBoosterModel,
  kBoosterParameters,
  kObjective,
  kTreeList,
  kTree,
  kTreeParameters,
  // Lists of numbers, an element a node (kGroups: a tree).
  kGroups,
  kLeft,
  kRight,
  kColumns,
  kKinds,
  kAbsentLeft,
  kConditions,
  kCovers,
  kWords,      // an element a word
  kWordNodes,  // an element a node that splits words, like the two that follow
  kWordBegins,
  kWordCounts,
  // Texts.
  kBoosterName,
  kObjectiveName,
  kBaseScore,
  kWidth,
  kOne,
  kZero,
  kTreeCount,
  kNodeCount,
  kUnused,  // of any kind, passed over
};

struct Member {
  Place in;
  std::string_view key;
  Place place;
};

// Every member that the library writes (version 1.7).
inline constexpr std::array kSchema = {
    Member{Place::kModel, "learner", Place::kLearner},
    Member{Place::kModel, "version", Place::kUnused},
    Member{Place::kLearner, "attributes", Place::kUnused},
    Member{Place::kLearner, "feature_names", Place::kUnused},
    Member{Place::kLearner, "feature_types", Place::kUnused},
    Member{Place::kLearner, "gradient_booster", Place::kBooster},
    Member{Place::kLearner, "learner_model_param", Place::kLearnerParameters},
    Member{Place::kLearner, "objective", Place::kObjective},
    Member{Place::kLearnerParameters, "base_score", Place::kBaseScore},
    Member{Place::kLearnerParameters, "boost_from_average", Place::kUnused},
    Member{Place::kLearnerParameters, "num_class", Place::kZero},
    Member{Place::kLearnerParameters, "num_feature", Place::kWidth},
    Member{Place::kLearnerParameters, "num_target", Place::kOne},
    Member{Place::kObjective, "name", Place::kObjectiveName},
    Member{Place::kObjective, "reg_loss_param", Place::kUnused},
    Member{Place::kObjective, "lambda_rank_param", Place::kUnused},
    Member{Place::kBooster, "name", Place::kBoosterName},
    Member{Place::kBooster, "model", Place::kBoosterModel},
    Member{Place::kBoosterModel, "gbtree_model_param", Place::kBoosterParameters},
    Member{Place::kBoosterModel, "tree_info", Place::kGroups},
    Member{Place::kBoosterModel, "trees", Place::kTreeList},
    Member{Place::kBoosterParameters, "num_parallel_tree", Place::kOne},
    Member{Place::kBoosterParameters, "num_trees", Place::kTreeCount},
    Member{Place::kBoosterParameters, "size_leaf_vector", Place::kZero},
    Member{Place::kTree, "base_weights", Place::kUnused},
    Member{Place::kTree, "categories", Place::kWords},
    Member{Place::kTree, "categories_nodes", Place::kWordNodes},
    Member{Place::kTree, "categories_segments", Place::kWordBegins},
    Member{Place::kTree, "categories_sizes", Place::kWordCounts},
    Member{Place::kTree, "default_left", Place::kAbsentLeft},
    Member{Place::kTree, "id", Place::kUnused},
    Member{Place::kTree, "left_children", Place::kLeft},
    Member{Place::kTree, "loss_changes", Place::kUnused},
    Member{Place::kTree, "parents", Place::kUnused},
    Member{Place::kTree, "right_children", Place::kRight},
    Member{Place::kTree, "split_conditions", Place::kConditions},
    Member{Place::kTree, "split_indices", Place::kColumns},
    Member{Place::kTree, "split_type", Place::kKinds},
    Member{Place::kTree, "sum_hessian", Place::kCovers},
    Member{Place::kTree, "tree_param", Place::kTreeParameters},
    Member{Place::kTreeParameters, "num_deleted", Place::kUnused},
    Member{Place::kTreeParameters, "num_feature", Place::kWidth},
    Member{Place::kTreeParameters, "num_nodes", Place::kNodeCount},
    Member{Place::kTreeParameters, "size_leaf_vector", Place::kZero},
};
static_assert(kSchema.size() <= 64);  // a bit each in Level::seen

inline bool is_object(Place place) {
  return place <= Place::kTreeParameters && place != Place::kTreeList;
}
inline bool is_list(Place place) {
  return place == Place::kTreeList || (place >= Place::kGroups && place <= Place::kWordCounts);
}
inline bool is_text(Place place) {
  return place >= Place::kBoosterName && place < Place::kUnused;
}

}  // namespace rankloop::ml
