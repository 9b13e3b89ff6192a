// The table of hyperparameters, and how they are read.
#include "ml/hyperparameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "domain/closest_name.h"
#include "domain/strict_json.h"

namespace rankloop::ml {
namespace {

constexpr Hyperparameter::Search within(double low, double high) {
  return {low, high, false};
}
constexpr Hyperparameter::Search by_orders(double low, double high) {
  return {low, high, true};
}

constexpr std::array kTable = {
    Hyperparameter{"popularity.prior_showings", 20, 1, 1e6, false,
                   "showings that the mean of all items is worth, and below which an item is on trial",
                   by_orders(1, 1000)},
    Hyperparameter{"logistic.penalty", -1, -1, 1e6, false,
                   "on half the squared standardised slopes; -1: the best of nine on the validation part",
                   by_orders(0.01, 1000)},
    Hyperparameter{"mlp.epochs", 0, 0, 10'000, true, "at most; 0: by the number of rows"},
    Hyperparameter{"mlp.batch", 0, 0, 65'536, true, "rows of a step; 0: the recipe's own", by_orders(8, 256)},
    Hyperparameter{"mlp.learning_rate", 0.001, 1e-6, 1, false, "of Adam", by_orders(1e-4, 1e-2)},
    Hyperparameter{"mlp.decay", -1, -1, 100, false, "of weights, as in AdamW; -1: the recipe's own",
                   by_orders(0.01, 10)},
    Hyperparameter{"mlp.dropout", 0.3, 0, 0.95, false, "share of the first layer left out of a step",
                   within(0, 0.6)},
    Hyperparameter{"gbdt.depth", 0, 0, 12, true, "levels of a tree; 0: 3 and 6 are tried", within(2, 8)},
    Hyperparameter{"gbdt.trees", 0, 0, 5000, true, "0: as many as lists that were left out ask for"},
    Hyperparameter{"gbdt.learning_rate", 0.08, 0.001, 1, false, "share of a tree that counts",
                   by_orders(0.02, 0.3)},
    Hyperparameter{"gbdt.row_share", 0.8, 0.05, 1, false, "of the rows, or lists, drawn for each tree",
                   within(0.4, 1)},
    Hyperparameter{"gbdt.column_share", 0.8, 0.05, 1, false, "of the columns, drawn for each tree",
                   within(0.3, 1)},
    Hyperparameter{"gbdt.least_weight", 1, 0, 1e6, false, "least sum of second derivatives in a leaf",
                   by_orders(0.1, 30)},
    Hyperparameter{"gbdt.words", 0, 0, 2, true,
                   "1: words count by how often they were picked; 2: few enough of a column are split by "
                   "themselves; 0: both are tried"},
    Hyperparameter{"factorization.factors", 16, 1, 64, true, "numbers of a vector", by_orders(4, 32)},
    Hyperparameter{"factorization.epochs", 40, 1, 1000, true,
                   "at most; it stops where the validation part gains nothing"},
    Hyperparameter{"factorization.learning_rate", 0.2, 0.0001, 1, false, "of Adagrad", by_orders(0.03, 0.5)},
    Hyperparameter{
        "factorization.penalty", 4, 0, 1e6, false,
        "on half the squares of vectors and items' weights, as if each were drawn with variance 1 / penalty",
        by_orders(0.5, 50)},
};

const Hyperparameter* find(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &Hyperparameter::name);
  return found == kTable.end() ? nullptr : &*found;
}

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

std::string text_of(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

Status add_pair(std::string_view pair, Hyperparameters& given) {
  const std::size_t sign = pair.find('=');
  if (sign == std::string_view::npos)
    return invalid("'" + std::string(pair) + "' is no hyperparameter; allowed is a name, = and a number");
  const std::string_view digits = pair.substr(sign + 1);
  double value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc{} || end != digits.data() + digits.size())
    return invalid("'" + std::string(pair) + "' has no number behind the =");
  const std::string_view name = pair.substr(0, sign);
  if (Status known = check_hyperparameter(name, value); !known) return known;
  given[std::string(name)] = value;
  return {};
}

}  // namespace

std::span<const Hyperparameter> hyperparameters() {
  return kTable;
}

double value_of(const Hyperparameters& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? find(name)->preset : found->second;
}

Status check_hyperparameter(std::string_view name, double value) {
  const Hyperparameter* known = find(name);
  if (known == nullptr) {
    std::vector<std::string_view> names;
    for (const Hyperparameter& each : kTable) names.push_back(each.name);
    std::string message = "there is no hyperparameter '" + std::string(name) + "'; ";
    if (const auto close = closest_name(name, names)) {
      message += "is '" + std::string(*close) + "' meant?";
    } else {
      std::string_view before = "known are ";
      for (const std::string_view each : names) {
        message.append(before).append(each);
        before = ", ";
      }
    }
    return invalid(std::move(message));
  }
  const bool sound =
      value >= known->minimum && value <= known->maximum && (!known->whole || value == std::trunc(value));
  if (sound) return {};
  return invalid("'" + std::string(name) + "' is " + (std::isfinite(value) ? text_of(value) : "no number") +
                 "; allowed is a " + (known->whole ? "whole " : "") + "number from " +
                 text_of(known->minimum) + " to " + text_of(known->maximum));
}

std::vector<std::string> described_hyperparameters() {
  std::vector<std::string> lines;
  for (const Hyperparameter& each : kTable) {
    lines.push_back(std::string(each.name) + " (" + text_of(each.minimum) + " to " + text_of(each.maximum) +
                    (each.whole ? ", whole" : "") + ", preset " + text_of(each.preset) +
                    "): " + std::string(each.help));
  }
  return lines;
}

Result<Hyperparameters> parse_hyperparameters(std::string_view text) {
  Hyperparameters given;
  constexpr std::string_view kBetween = ", \t\n";
  for (std::size_t first = 0; (first = text.find_first_not_of(kBetween, first)) != std::string_view::npos;) {
    const std::size_t last = std::min(text.find_first_of(kBetween, first), text.size());
    if (Status added = add_pair(text.substr(first, last - first), given); !added) return added.error();
    first = last;
  }
  return given;
}

std::string to_json(const Hyperparameters& given) {
  std::string json = "{";
  for (const auto& [name, value] : given) {
    if (json.size() > 1) json += ',';
    append_json_string(json, name);
    json += ':' + text_of(value);
  }
  return json + "}";
}

}  // namespace rankloop::ml
