// Decides the type of a column. The order matters: numbers, flags, days, lists, then kinds of words.
#include "infer/column_type.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "domain/field_value.h"
#include "infer/column_name.h"

namespace rankloop::infer {
namespace {

constexpr std::size_t kLargestVector = 4'096;
constexpr std::size_t kMostClosedWords = 30;                // of a category that lists its words
constexpr std::size_t kMostClosedBytes = 600;               // of these together
constexpr std::size_t kSeenOften = 3;                       // how often each of them came
constexpr std::size_t kLongestString = 1'024;               // of a string and its characters
constexpr double kLargestExactInt = 9'007'199'254'740'992;  // 2^53

constexpr std::array kFieldTypes = {FieldType::kInt,     FieldType::kFloat,    FieldType::kBool,
                                    FieldType::kDate,    FieldType::kTime,     FieldType::kString,
                                    FieldType::kIntList, FieldType::kCategory, FieldType::kTags,
                                    FieldType::kText,    FieldType::kVector,   FieldType::kPlace};

std::string count_text(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

class Decision {
 public:
  Decision(const ColumnProfile& seen, const SampleKnowledge& known)
      : seen_(seen), known_(known), name_(seen.name), filled_(seen.filled()) {}

  ColumnType take() {
    decide();
    require();
    judge_as_feature();
    return std::move(type_);
  }

  ColumnType take_as(FieldType type) {
    decide();
    if (type_.field.type != type) be(type);
    require();
    judge_as_feature();
    return std::move(type_);
  }

  ColumnType take_words(const std::string& refusal) {
    const bool prose = seen_.most_characters > kLongestString;
    type_.field.type = prose ? FieldType::kText : FieldType::kString;
    type_.doubts.push_back("what it looks like does not hold for every row: " + refusal);
    require();
    judge_as_feature();
    return std::move(type_);
  }

 private:
  void decide() {
    if (filled_ == 0) return is(FieldType::kString);
    if (seen_.numbers == filled_) return decide_number();
    if (seen_.flags == filled_ && (seen_.of_json || seen_.yes < filled_ || has_gaps()))
      return is(FieldType::kBool);
    if (seen_.dates == filled_) return is(FieldType::kDate);
    if (seen_.moments == filled_) return is(FieldType::kTime);
    if (seen_.word_lists == filled_) return is(FieldType::kTags);
    if (seen_.named_places == filled_) return is(FieldType::kPlace);
    if (seen_.number_lists == filled_ && decide_numbers()) return;
    decide_words();
  }

  // Not what it looks like.
  void be(FieldType type) {
    type_ = ColumnType{};
    if (type != FieldType::kTags || !decide_tags()) is(type);
    if (type == FieldType::kVector) type_.field.size = std::max<std::size_t>(seen_.longest_list, 1);
    if (type == FieldType::kTime && seen_.numbers == filled_) decide_epoch();
    type_.of_codes = type == FieldType::kCategory && seen_.numbers == filled_;
  }

  bool has_gaps() const { return seen_.empty + seen_.nothing > 0; }
  void is(FieldType type) { type_.field.type = type; }
  void doubt(std::string text) { type_.doubts.push_back(std::move(text)); }

  // No number of JSON is a name or a flag.
  void decide_number_of_json() {
    const bool whole = seen_.whole == filled_;
    if (whole && name_.say(Hint::kTime) && decide_epoch()) return;
    decide_plain_number(whole);
    if (whole && is_code_by_name())
      doubt("the name says that these numbers are names: write them in quotes and they can be a category");
  }

  void decide_number() {
    if (seen_.of_json) return decide_number_of_json();
    const NumberSummary& numbers = seen_.summary;
    const bool whole = seen_.whole == filled_;
    if (whole && seen_.leading_zeros > 0) return be_code("zeros at the beginning say that these are names");
    if (whole && seen_.beyond > 0) return be_code("numbers beyond 2^53 would lose digits");
    if (seen_.flags == filled_ && numbers.least() == 0 && numbers.largest() == 1 && !name_.say(Hint::kCount))
      return is(FieldType::kBool);
    if (seen_.flags == filled_ && is_flag_by_name()) return is(FieldType::kBool);
    if (whole && name_.say(Hint::kTime) && decide_epoch()) return;
    if (whole && seen_.pointed == 0 && is_code_by_name())
      return be_code("the name says that these numbers are names");
    decide_plain_number(whole);
  }

  bool is_flag_by_name() const {
    return name_.have("is") || name_.have("has") || name_.have("bool") || name_.have("flag");
  }

  bool is_code_by_name() const {
    if (name_.say(Hint::kCount) || name_.say(Hint::kYear) || seen_.negative > 0) return false;
    return name_.say(Hint::kCode) || name_.say(Hint::kId);
  }

  void be_code(const std::string& why) {
    is(FieldType::kCategory);
    type_.of_codes = true;
    doubt(why);
  }

  bool decide_epoch() {
    constexpr double kFirst = 3e8;  // 1979
    constexpr double kLast = 4.2e9;
    const double least = seen_.summary.least();
    const double largest = seen_.summary.largest();
    const bool seconds = least >= kFirst && largest <= kLast;
    const bool milliseconds = least >= kFirst * 1000 && largest <= kLast * 1000;
    if (!seconds && !milliseconds) return false;
    is(FieldType::kTime);
    type_.field.epoch = seconds ? Epoch::kSeconds : Epoch::kMilliseconds;
    return true;
  }

  void decide_plain_number(bool whole) {
    // What pandas writes of whole numbers among which some are missing.
    const bool of_pandas = has_gaps() && seen_.pointed == seen_.numbers;
    const bool counts = name_.say(Hint::kCount) || name_.say(Hint::kYear);
    const bool is_int = whole && (seen_.pointed == 0 || of_pandas || counts);
    is(is_int ? FieldType::kInt : FieldType::kFloat);
    const NumberSummary& numbers = seen_.summary;
    const bool never_negative = name_.say(Hint::kCount) || name_.say(Hint::kAmount);
    if (seen_.negative == 0 && never_negative) type_.field.minimum = 0;
    constexpr double kMost = 2'147'483'647;
    if (is_int && (numbers.least() < -kMost || numbers.largest() > kMost)) {
      if (!type_.field.minimum) type_.field.minimum = numbers.least() < 0 ? -kLargestExactInt : 0;
      type_.field.maximum = kLargestExactInt;
    }
    if (is_int && name_.say(Hint::kTime) && !name_.say(Hint::kYear) && numbers.least() > 1e8)
      doubt("looks like a moment, but lies outside of 1979 to 2103");
  }

  // Several numbers in each cell.
  bool decide_numbers() {
    const bool same_size = seen_.shortest_list == seen_.longest_list;
    const std::size_t size = seen_.longest_list;
    const bool named = name_.say(Hint::kVector);
    const bool pair = same_size && size == 2 && seen_.bracketed < filled_;
    if (pair && seen_.places == filled_ && (name_.say(Hint::kPlace) || seen_.fractional_places == filled_)) {
      is(FieldType::kPlace);
      doubt("read as latitude, then longitude");
      return true;
    }
    const bool whole = seen_.whole_lists == filled_;
    if (seen_.of_json && same_size && size >= 2 && size <= kLargestVector) {
      is(FieldType::kVector);
      type_.field.size = size;
      return true;
    }
    if (whole && seen_.int_lists == filled_ && !named) {
      is(FieldType::kIntList);
      bound_list();
      return true;
    }
    const bool certain = size >= 3 && (!whole || seen_.bracketed == filled_);
    if (!same_size || size > kLargestVector || size == 0 || !(named || certain)) return false;
    is(FieldType::kVector);
    type_.field.size = size;
    return true;
  }

  void bound_list() {
    constexpr double kMost = 2'147'483'647;
    const NumberSummary& numbers = seen_.list_elements;
    if (numbers.least() >= -kMost && numbers.largest() <= kMost) return;
    type_.field.minimum = -kLargestExactInt;
    type_.field.maximum = kLargestExactInt;
  }

  // --- words
  // -------------------------------------------------------------------------------------------------

  void decide_words() {
    tell_near_misses();
    if (decide_tags()) return;
    const double n = static_cast<double>(seen_.texts());
    const double share = static_cast<double>(seen_.distinct_cells()) / n;
    const double length = static_cast<double>(seen_.characters) / static_cast<double>(filled_);
    const bool texts = name_.say(Hint::kText);
    const bool prose = (length >= 80 || (texts && length >= 30 && !name_.say(Hint::kTitle))) && share > 0.3;
    if (prose || seen_.most_characters > kLongestString) return is(FieldType::kText);
    if (is_category(share)) return decide_category();
    is(FieldType::kString);
  }

  bool is_category(double share) const {
    if (seen_.most_characters > kMostWordBytes || seen_.decorated == filled_) return false;
    if (seen_.naive_moments == filled_ || seen_.other_dates == filled_) return false;
    if (seen_.objects + seen_.broken_lists > 0) return false;
    if (name_.say(Hint::kTitle) && !name_.say(Hint::kWord)) return share <= 0.2;
    if (name_.say(Hint::kId) && share == 1) return false;
    if (name_.say(Hint::kCode) || name_.say(Hint::kWord)) return share < 0.95 || seen_.texts() < 20;
    return share <= 0.5;
  }

  void decide_category() {
    is(FieldType::kCategory);
    std::size_t bytes = 0;
    for (const auto& [word, count] : seen_.words.words()) bytes += word.size();
    const bool few =
        !seen_.words.cut() && seen_.words.words().size() <= kMostClosedWords && bytes <= kMostClosedBytes;
    if (!few || seen_.words.least() < kSeenOften || seen_.words.words().size() < 2 || !may_close()) return;
    type_.field.values = seen_.words.sorted();
  }

  // Nothing is closed that a later row may want; brands and cities come and go.
  bool may_close() const { return known_.whole_file && !name_.say(Hint::kId) && !is_open_by_name(); }
  bool is_open_by_name() const {
    constexpr std::array<std::string_view, 18> kOpen = {
        "brand",        "city",    "author",   "artist",   "maker",        "make",
        "publisher",    "company", "employer", "director", "neighborhood", "neighbourhood",
        "manufacturer", "album",   "source",   "country",  "tag",          "name"};
    return std::any_of(kOpen.begin(), kOpen.end(), [&](std::string_view word) { return name_.have(word); });
  }

  // Sets of words by the separator that gives words that come again.
  bool decide_tags() {
    for (const SeparatedWords& each : seen_.separated) {
      if (!makes_tags(each)) continue;
      is(FieldType::kTags);
      type_.field.separator = std::string(1, each.separator);
      return true;
    }
    return false;
  }

  bool makes_tags(const SeparatedWords& cut) const {
    const auto of = [](std::uint64_t part, std::uint64_t all) {
      return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
    };
    if (seen_.objects + seen_.broken_lists > 0 || cut.longest > kMostWordBytes || cut.words.total() == 0)
      return false;
    const double shown = of(cut.cells, filled_);
    if (cut.cells < 2 || shown < (cut.separator == ',' ? 0.3 : 0.1)) return false;
    if (of(cut.bytes, cut.words.total()) > 30) return false;
    const std::size_t distinct = cut.words.words().size();
    if (cut.words.cut()) return cut.separator != ',' && of(distinct, cut.words.total()) < 0.7;
    const double again = of(distinct, cut.words.total());
    // "Berlin, Germany" has two words for each cell, tags are put together anew in each.
    const bool anew = of(distinct, seen_.distinct_cells()) <= 0.8;
    // "Berlin, DE" is put together too, but always of two.
    const bool varies = cut.fewest < cut.most || name_.say(Hint::kTags);
    if (cut.separator == ',') return again <= 0.4 && anew && varies;
    return again <= 0.95 && (anew || again <= 0.6 || name_.say(Hint::kTags));
  }

  void tell_near_misses() {
    const std::string what = seen_.examples.empty() ? "" : ", as " + seen_.examples.front();
    const bool no_tags = !std::any_of(seen_.separated.begin(), seen_.separated.end(),
                                      [&](const SeparatedWords& cut) { return makes_tags(cut); });
    if (seen_.naive_moments > filled_ / 2)
      doubt("moments without an offset" + what + ": append Z (or +01:00) and it can be a time");
    else if (seen_.other_dates > filled_ / 2)
      doubt("days in a form that is not read" + what + ": write 2026-03-01 and it can be a date");
    else if (seen_.decorated > filled_ / 2 && no_tags)
      doubt("numbers with something around them" + what + ": leave only the number and it can be a float");
    else if (seen_.numbers > filled_ * 9 / 10)
      doubt(count_text(filled_ - seen_.numbers, "cell is", "cells are") + " no number, all others are");
    if (seen_.objects > filled_ / 2) doubt("JSON objects are kept as texts: make columns of their members");
    if (seen_.broken_lists > filled_ / 2)
      doubt("lists that are no JSON" + what + ": write them as a;b or as JSON");
    if (seen_.number_lists == filled_ && no_tags)
      doubt("several numbers" + what + ", but of different sizes or with commas: no vector and no list");
  }

  // --- what all types share
  // ----------------------------------------------------------------------------------

  void require() {
    const FieldType type = type_.field.type;
    const bool takes_nothing =
        type == FieldType::kString || type == FieldType::kText || type == FieldType::kTags;
    const bool words = has_words(type) || type == FieldType::kText;
    const std::size_t gaps = words ? seen_.empty : seen_.empty + seen_.nothing;
    type_.field.required =
        !known_.of_request && gaps == 0 && seen_.rows > 0 && (known_.whole_file || takes_nothing);
    if (filled_ == 0) type_.field.required = false;
  }

  void judge_as_feature() {
    const auto no = [&](std::string why) {
      type_.pays_as_feature = false;
      type_.why_not = std::move(why);
    };
    const FieldType type = type_.field.type;
    const double share = static_cast<double>(seen_.distinct_cells()) /
                         static_cast<double>(std::max<std::size_t>(seen_.texts(), 1));
    if (filled_ == 0) return no("always empty");
    if (seen_.distinct_cells() == 1 && !has_gaps() && seen_.rows > 1) return no("always the same");
    if (type == FieldType::kIntList) return no("a list; what is derived of it is one");
    const bool words = type == FieldType::kString || type == FieldType::kCategory;
    const bool unread = seen_.naive_moments + seen_.other_dates + seen_.decorated > filled_ / 2;
    type_.mute = unread || seen_.objects + seen_.broken_lists > 0;
    if (type == FieldType::kText)
      return no(type_.mute ? "as prose it says nothing" : "prose; its length is one");
    if (words && type_.mute) return no("as words they say nothing");
    if (words && share > 0.5 && seen_.texts() > 1) return no("nearly every row has its own word");
  }

  const ColumnProfile& seen_;
  const SampleKnowledge& known_;
  const NameWords name_;
  const std::size_t filled_;
  ColumnType type_;
};

}  // namespace

ColumnType type_of(const ColumnProfile& seen, const SampleKnowledge& known) {
  return Decision(seen, known).take();
}

ColumnType as_words(const ColumnProfile& seen, const SampleKnowledge& known, const std::string& refusal) {
  return Decision(seen, known).take_words(refusal);
}

std::optional<FieldType> type_named(std::string_view name) {
  for (const FieldType type : kFieldTypes) {
    if (name_of(type) == name) return type;
  }
  return std::nullopt;
}

std::string type_names() {
  std::string names;
  for (const FieldType type : kFieldTypes) names += (names.empty() ? "" : ", ") + std::string{name_of(type)};
  return names;
}

ColumnType as_type(const ColumnProfile& seen, const SampleKnowledge& known, FieldType type) {
  return Decision(seen, known).take_as(type);
}

}  // namespace rankloop::infer
