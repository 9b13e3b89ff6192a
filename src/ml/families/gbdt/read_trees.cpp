// Reads the trees out of XGBoost's JSON.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/parse_options.hpp>

#include "domain/strict_json.h"
#include "ml/families/gbdt/tree_schema.h"
#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

namespace json = boost::json;
constexpr std::size_t kMostText = 64;  // bytes of a key, or of a text that is looked at
constexpr std::size_t kMostLevels = 16;

std::optional<float> number_of(std::string_view text) {
  float number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// Follows the schema while the parser walks over the text, and keeps the numbers of the nodes only.
class TreesHandler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  TreesHandler(std::size_t width, Objective objective) {
    trees_.width = width;
    trees_.objective = objective;
  }

  const std::string& reason() const { return reason_; }
  Trees take() { return std::move(trees_); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return begin(false, ec); }
  bool on_array_begin(json::error_code& ec) { return begin(true, ec); }
  bool on_object_end(std::size_t, json::error_code& ec) { return end(ec); }
  bool on_array_end(std::size_t, json::error_code& ec) { return end(ec); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return collect(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    collect(part);
    const std::string key = std::exchange(text_, {});
    return skipped_ > 0 || enter(key, ec);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return collect(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    collect(part);
    const std::string text = std::exchange(text_, {});
    if (skipped_ > 0) return true;
    const auto place = value_place();
    if (place == Place::kUnused) return true;
    if (!place || !is_text(*place)) return refuse("a text stands where none belongs", ec);
    return take_text(*place, text, ec);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    return take_number(number, static_cast<float>(number), ec);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& ec) {
    return take_number(std::nullopt, static_cast<float>(number), ec);
  }
  bool on_double(double, json::string_view text, json::error_code& ec) {
    if (passed_over()) return true;
    const auto number = number_of({text.data(), text.size()});
    return number ? take_number(std::nullopt, *number, ec) : refuse("a number is out of range", ec);
  }
  bool on_bool(bool, json::error_code& ec) {
    return passed_over() || refuse("true or false stands where neither belongs", ec);
  }
  bool on_null(json::error_code& ec) { return passed_over() || refuse("null stands where none belongs", ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  struct Level {
    Place place;
    std::uint64_t seen = 0;  // a bit for each line of kSchema
  };

  bool refuse(std::string reason, json::error_code& ec) {
    reason_ = std::move(reason);
    ec = json::error::syntax;
    return false;
  }

  // Text beyond the bound is no text that is looked for; one byte more is enough to tell.
  bool collect(json::string_view part) {
    text_.append(part.data(), std::min(part.size(), kMostText + 1 - text_.size()));
    return true;
  }

  // Where the value that comes now belongs; nothing when it belongs nowhere.
  std::optional<Place> value_place() const {
    if (levels_.empty()) return Place::kModel;
    const Place in = levels_.back().place;
    if (in == Place::kTreeList) return Place::kTree;
    return is_list(in) ? in : next_;
  }

  bool passed_over() const { return skipped_ > 0 || value_place() == Place::kUnused; }

  bool begin(bool list, json::error_code& ec) {
    if (passed_over()) {
      ++skipped_;
      return true;
    }
    const auto place = value_place();
    const bool element = !levels_.empty() && levels_.back().place == place;  // a list in a list of numbers
    if (!place || element || (list ? !is_list(*place) : !is_object(*place))) {
      return refuse("a list or an object stands where none belongs", ec);
    }
    if (*place == Place::kTree) {
      if (trees_.trees.size() == kMostTrees)
        return refuse("there are more than " + std::to_string(kMostTrees) + " trees", ec);
      lists_ = {};
      kinds_.clear();
      splits_ = {};
      node_count_.clear();
    }
    levels_.push_back({*place});
    return true;
  }

  bool end(json::error_code& ec) {
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    const Level level = levels_.back();
    levels_.pop_back();
    for (std::size_t i = 0; i < kSchema.size(); ++i) {
      const bool needed = kSchema[i].in == level.place && kSchema[i].place != Place::kUnused;
      if (needed && (level.seen >> i & 1) == 0) return refuse(missing(kSchema[i].key), ec);
    }
    if (level.place == Place::kTree) return end_of_tree(ec);
    return level.place != Place::kModel || end_of_model(ec);
  }

  static std::string missing(std::string_view key) {
    return "the member '" + std::string(key) + "' is missing";
  }

  bool enter(const std::string& key, json::error_code& ec) {
    Level& level = levels_.back();
    for (std::size_t i = 0; i < kSchema.size(); ++i) {
      if (kSchema[i].in != level.place || kSchema[i].key != key) continue;
      if ((level.seen >> i & 1) != 0) return refuse("the member '" + key + "' stands there twice", ec);
      level.seen |= std::uint64_t{1} << i;
      next_ = kSchema[i].place;
      return true;
    }
    std::string quoted;
    append_json_string(quoted, key);
    return refuse("the member " + quoted + " does not belong there", ec);
  }

  bool take_text(Place place, const std::string& text, json::error_code& ec) {
    const auto expect = [&](std::string_view expected, std::string_view what) {
      return text == expected || refuse(std::string(what) + " must be " + std::string(expected), ec);
    };
    switch (place) {
      case Place::kBoosterName:
        return expect("gbtree", "the kind of model");
      case Place::kObjectiveName:
        return expect(xgboost_name(trees_.objective), "the objective");
      case Place::kWidth:
        return expect(std::to_string(trees_.width), "the number of columns");
      case Place::kOne:
        return expect("1", "the number of targets and of parallel trees");
      case Place::kZero:
        return expect("0", "the number of classes and the size of a leaf's vector");
      case Place::kTreeCount:
        tree_count_ = text;
        return true;
      case Place::kNodeCount:
        node_count_ = text;
        return true;
      case Place::kBaseScore:
        return take_base_score(text, ec);
      default:
        return refuse("a text stands where none belongs", ec);
    }
  }

  bool take_base_score(const std::string& text, json::error_code& ec) {
    const auto number = number_of(text);
    if (!number) return refuse("the base score is no number", ec);
    trees_.base_score = *number;
    const Status sound = check_base_score(trees_);
    return sound || refuse(sound.error().message, ec);
  }

  bool take_number(std::optional<std::int64_t> whole, float number, json::error_code& ec) {
    if (passed_over()) return true;
    const auto place = value_place();
    if (!place || levels_.empty() || levels_.back().place != *place) {  // not in a list of numbers
      return refuse("a number stands where none belongs", ec);
    }
    const auto put = [&](auto& list, auto value, std::size_t bound = kMostNodes) {
      if (list.size() == bound) return refuse("a tree has more than " + std::to_string(bound) + " nodes", ec);
      list.push_back(value);
      return true;
    };
    const auto put_whole = [&](auto& list, std::int64_t least, std::int64_t most,
                               std::size_t bound = kMostNodes) {
      using Element = typename std::remove_reference_t<decltype(list)>::value_type;
      if (!whole || *whole < least || *whole > most) return refuse("a node's number is out of range", ec);
      return put(list, static_cast<Element>(*whole), bound);
    };
    switch (*place) {
      case Place::kGroups:
        if (whole != 0) return refuse("its trees are not one sum", ec);
        return ++groups_ <= kMostTrees || refuse("'tree_info' is too long", ec);
      case Place::kLeft:
        return put_whole(lists_.left, TreeNode::kNone, kMostNodes);
      case Place::kRight:
        return put_whole(lists_.right, TreeNode::kNone, kMostNodes);
      case Place::kColumns:
        return put_whole(lists_.columns, 0, std::numeric_limits<std::uint32_t>::max());
      case Place::kAbsentLeft:
        return put_whole(lists_.absent_left, 0, 1);
      case Place::kKinds:
        return put_whole(kinds_, 0, 1);
      case Place::kWords:
        if (words_of_all_++ == kMostWordsOfAll) return refuse("the trees split too many words", ec);
        return put_whole(splits_.words, 0, kMostWordNumber, kMostWordsOfAll);
      case Place::kWordNodes:
        return put_whole(splits_.nodes, 0, kMostNodes);
      case Place::kWordBegins:
        return put_whole(splits_.begins, 0, kMostWordsOfAll);
      case Place::kWordCounts:
        return put_whole(splits_.counts, 1, kMostWordsOfAll);
      case Place::kConditions:
        return put(lists_.conditions, number);
      case Place::kCovers:
        return put(lists_.covers, number);
      default:
        return refuse("a number stands where none belongs", ec);
    }
  }

  bool end_of_tree(json::error_code& ec) {
    const std::string which = "tree " + std::to_string(trees_.trees.size()) + ": ";
    if (node_count_ != std::to_string(lists_.left.size()))
      return refuse(which + "it does not have as many nodes as it says", ec);
    if (!place_words()) return refuse(which + "its words are not those of its nodes", ec);
    auto tree = make_tree(lists_, trees_.width);
    if (!tree) return refuse(which + tree.error().message, ec);
    nodes_ += tree->size();
    if (nodes_ > kMostNodesOfAll)
      return refuse("the trees have more than " + std::to_string(kMostNodesOfAll) + " nodes together", ec);
    trees_.trees.push_back(*std::move(tree));
    return true;
  }

  // Gives each node that splits words its own; do they belong to these nodes and to no other?
  bool place_words() {
    lists_.words.assign(lists_.left.size(), {});
    const std::size_t splits = splits_.nodes.size();
    const auto of_words = std::ranges::count(kinds_, std::uint8_t{1});
    if (kinds_.size() != lists_.left.size() || std::cmp_not_equal(of_words, splits) ||
        splits_.begins.size() != splits || splits_.counts.size() != splits) {
      return false;
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < splits; ++i) {
      const std::size_t node = splits_.nodes[i];
      const std::size_t count = splits_.counts[i];
      if (node >= kinds_.size() || kinds_[node] == 0 || !lists_.words[node].empty() ||
          splits_.begins[i] != begin || count > splits_.words.size() - begin) {
        return false;
      }
      const auto words = std::span(splits_.words).subspan(begin, count);
      lists_.words[node].assign(words.begin(), words.end());
      begin += count;
    }
    return begin == splits_.words.size();
  }

  bool end_of_model(json::error_code& ec) {
    const std::size_t count = trees_.trees.size();
    if (count == 0) return refuse("there are no trees", ec);
    return (groups_ == count && tree_count_ == std::to_string(count)) ||
           refuse("there are not as many trees as it says", ec);
  }

  Trees trees_;
  std::vector<Level> levels_;
  Place next_ = Place::kUnused;  // of the value of the key that was read last
  std::size_t skipped_ = 0;      // levels within what is passed over
  std::string text_;             // of the key or text that is being read
  // Of the tree that is being read.
  TreeLists lists_;
  std::vector<std::uint8_t> kinds_;  // a node each; 1: it splits words
  struct {
    std::vector<std::uint32_t> words;
    // A node that splits words each: which it is, where its words begin, and how many they are.
    std::vector<std::uint32_t> nodes;
    std::vector<std::uint32_t> begins;
    std::vector<std::uint32_t> counts;
  } splits_;
  std::string node_count_;
  std::string tree_count_;
  std::size_t groups_ = 0;
  std::size_t nodes_ = 0;
  std::size_t words_of_all_ = 0;
  std::string reason_;
};

}  // namespace

Result<Trees> read_trees(std::string_view text, std::size_t width, Objective objective) {
  json::parse_options options;
  options.max_depth = kMostLevels;
  json::basic_parser<TreesHandler> parser(options, width, objective);
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  TreesHandler& handler = parser.handler();
  if (ec) {
    const std::string& reason = handler.reason();
    return Error(ErrorCode::kDataLoss, reason.empty() ? "no JSON of a model: " + ec.message() : reason);
  }
  if (read < text.size()) return Error(ErrorCode::kDataLoss, "something follows after the trees");
  return handler.take();
}

std::string_view xgboost_name(Objective objective) {
  return objective == Objective::kListwise ? "rank:ndcg" : "binary:logistic";
}

}  // namespace rankloop::ml
