// Values that are worth deriving, and the list of features.
#include <algorithm>
#include <array>
#include <cmath>

#include "infer/column_name.h"
#include "infer/domain_draft.h"

namespace rankloop::infer {
namespace {

constexpr std::size_t kMostNames = 500;  // fields and derived values of a side
constexpr std::size_t kMostFeatures = 500;
constexpr std::size_t kMostInputs = 16'000;  // numbers and words of a model

class DerivedValues {
 public:
  explicit DerivedValues(SideDraft& side) : side_(side) {}

  void add() {
    for (FieldDraft& field : side_.fields) {
      if (field.is_field()) add_of(field);
    }
  }

 private:
  void add_of(FieldDraft& field) {
    switch (field.type.field.type) {
      case FieldType::kInt:
      case FieldType::kFloat:
        return add_of_number(field);
      case FieldType::kTime:
        return add_of_time(field);
      case FieldType::kDate:
        put(field, "_month", "month", "seasons");
        return;
      case FieldType::kString:
      case FieldType::kText:
        if (worth(field)) put(field, "_length", "length", "how many characters");
        return;
      case FieldType::kTags:
        if (worth(field)) put(field, "_count", "length", "how many words");
        return;
      case FieldType::kIntList:
        if (!worth(field)) return;
        put(field, "_mean", "mean", "of the list");
        put(field, "_count", "length", "how many elements");
        return;
      default:
        return;
    }
  }

  static bool worth(const FieldDraft& field) {
    if (field.type.mute) return false;
    return field.seen != nullptr && field.seen->distinct_cells() > 1;
  }

  void add_of_number(FieldDraft& field) {
    if (!field.feature()) return;
    const NumberSummary& numbers = field.seen->summary;
    const NameWords name(field.report.column);
    const double range = numbers.largest() - numbers.least();
    if (name.say(Hint::kYear) && range > 15 && range <= 400 && numbers.least() > 1000)
      return add_decades(field);
    constexpr double kSkewed = 2;
    if (field.seen->negative > 0 || numbers.skewness() < kSkewed || numbers.largest() < 50) return;
    const std::string logarithm = put(field, "", "log1p", "skewed: most are small, some are large");
    if (!logarithm.empty()) field.report.feature = false;
  }

  void add_decades(const FieldDraft& field) {
    const NumberSummary& numbers = field.seen->summary;
    const double step = numbers.largest() - numbers.least() > 150 ? 50 : 10;
    std::string edges;
    for (double edge = (std::floor(numbers.least() / step) + 1) * step; edge <= numbers.largest();
         edge += step)
      edges += (edges.empty() ? "" : ", ") + number_text(edge);
    if (!edges.empty())
      put(field, "_period", "bin", "periods, for what neither rises nor falls", "edges = [" + edges + "]");
  }

  void add_of_time(const FieldDraft& field) {
    if (field.seen != nullptr && !worth(field)) return;
    const std::string hour = put(field, "_hour", "hour", "UTC; say zone = \"Europe/Berlin\" for another");
    put(field, "_weekday", "weekday", "Monday 1 to Sunday 7");
    if (hour.empty()) return;
    add_named(hour, "_part_of_day", "bin", "night, morning, afternoon, evening", "edges = [6, 12, 18]",
              field.report.field);
  }

  std::string put(const FieldDraft& field, const std::string& ending, const std::string& how,
                  const std::string& why, const std::string& more = {}) {
    return add_named(field.report.field, ending, how, why, more, field.report.field);
  }

  // Its name; empty where there are too many.
  std::string add_named(const std::string& of, const std::string& ending, const std::string& how,
                        const std::string& why, const std::string& more, const std::string& stem) {
    if (side_.names.size() >= kMostNames) return {};
    const std::string name = side_.free_name(ending.empty() ? how.substr(0, 3) + "_" + stem : stem + ending);
    side_.derived.push_back({name, how, of, more, why});
    return name;
  }

  SideDraft& side_;
};

class Features {
 public:
  explicit Features(Draft& draft) : draft_(draft) {}

  void add() {
    add_side(draft_.requests, draft_.items, "request.");
    add_side(draft_.items, draft_.requests, "item.");
    if (left_out_ > 0)
      draft_.doubts.push_back(std::to_string(left_out_) +
                              " further features are left out: there are too many");
  }

 private:
  void add_side(SideDraft& side, const SideDraft& other, const std::string& prefix) {
    for (FieldDraft& field : side.fields) {
      if (!field.is_field() || !field.feature()) continue;
      const std::string& name = field.report.field;
      if (field.type.field.type == FieldType::kPlace) {
        put(name + ".lat", name, other, prefix, 1);
        put(name + ".lon", name, other, prefix, 1);
      } else {
        const bool vector = field.type.field.type == FieldType::kVector;
        field.report.feature = put(name, name, other, prefix, vector ? field.type.field.size : 1);
      }
    }
    for (const DerivedDraft& derived : side.derived) {
      if (derived.feature) put(derived.name, derived.name, other, prefix, 1);
    }
  }

  bool put(const std::string& feature, const std::string& name, const SideDraft& other,
           const std::string& prefix, std::size_t inputs) {
    if (draft_.features.size() >= kMostFeatures || inputs_ + inputs > kMostInputs) {
      ++left_out_;
      return false;
    }
    inputs_ += inputs;
    draft_.features.push_back(other.names.contains(name) ? prefix + feature : feature);
    return true;
  }

  Draft& draft_;
  std::size_t inputs_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace

void add_derived(Draft& draft) {
  DerivedValues(draft.requests).add();
  DerivedValues(draft.items).add();
}

void add_features(Draft& draft) {
  Features(draft).add();
}

}  // namespace rankloop::infer
