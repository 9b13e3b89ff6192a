// A schema: the fields of an item or of a request as the domain file declares them, and what turns JSON (or a
// row of text) into a checked Record.
//
// Everything here is immutable after construction and safe to use from any thread. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/clock.h"
#include "error/result.h"

namespace rankloop {

class TimeZone;

enum class FieldType {
  kInt,       // JSON 3 or 3.0; never "3", 3.5 or true
  kFloat,     // any finite JSON number
  kBool,      // true or false
  kDate,      // "YYYY-MM-DD"; as a number: days since 1970-01-01
  kTime,      // "YYYY-MM-DDThh:mm:ss[.fff]Z"; as a number: seconds since the epoch
  kString,    // a short text, as a whole one word
  kIntList,   // a list of integers; as a number: none, derived fields summarise it
  kCategory,  // one word, of those that the field lists or of any
  kTags,      // a list of words, each once
  kText,      // prose; what models see of it is derived
  kVector,    // a list of finite numbers, always of the same size; as numbers: these
  kPlace,     // {"lat": 52.5, "lon": 13.4} in degrees; as numbers: both
};

bool has_words(FieldType type);  // a string, a category, tags
bool is_list(FieldType type);    // a JSON list: of integers, tags, a vector

// What numbers stand for in a field of moments, besides texts.
enum class Epoch { kNone, kSeconds, kMilliseconds };

struct Field {
  std::string name;
  FieldType type = FieldType::kFloat;
  bool required = true;
  std::optional<double> minimum;             // inclusive; of each element for a list
  std::optional<double> maximum;             // inclusive; of each element for a list
  std::size_t min_length = 0;                // texts and words (characters), other lists (elements)
  std::size_t max_length = 1024;             // likewise
  std::vector<std::string> values;           // of a category or tags: the words there are; empty: any
  std::size_t size = 0;                      // of a vector: how many numbers
  std::string separator = ";";               // of tags in a table's cell
  Epoch epoch = Epoch::kNone;                // of a time
  std::optional<boost::json::value> preset;  // the file's `default`: used where an optional field is absent
  bool preset_now = false;                   // or that is the request's moment, of a date or a time
  std::string help;
};

// The names of the numbers of a field: its own, of a vector "taste[0]" and so on, of a place "home.lat" and
// "home.lon", none of words and lists.
std::vector<std::string> column_names(const Field& field);
bool is_part_of_field(std::string_view column);  // of a vector or a place

// How a derived field is made from declared (or earlier derived) fields of the same schema.
enum class Derivation {
  kMean,
  kStddev,
  kMin,
  kMax,
  kLength,  // of one list; stddev is the population's
  kSum,
  kDifference,
  kProduct,
  kRatio,  // of two numeric fields; x / 0 is 0
  kLarger,
  kSmaller,   // of two numeric fields
  kEquals,    // a field against a constant: 1 or 0
  kContains,  // whether a list has an element: 1 or 0
  kLog,       // of one number: its natural logarithm; absent where that is none
  kLog1p,     // likewise of 1 + the number
  kDays,      // from one moment to another
  kHour,      // of a moment: 0 to 23
  kWeekday,   // likewise: Monday is 1, Sunday 7
  kMonth,     // likewise: 1 to 12
  kBin,       // of one number: the word of its bin
  kCategory,  // of one number: itself as a word
  kWords,     // of a text: its different words
};

struct DerivedField {
  std::string name;
  Derivation how = Derivation::kMean;
  std::vector<std::string> of;                      // one field, or two
  double constant = 0;                              // kEquals; kContains of whole numbers
  std::string word;                                 // kContains of tags
  std::vector<double> edges;                        // kBin: ascending; a bin holds its lower edge
  std::shared_ptr<const TimeZone> zone;             // of an hour, weekday or month; none: UTC
  std::array<double, 2> seconds_per_unit = {1, 1};  // of moments: what one of each operand's units is
  bool stored = true;                               // part of the stored payload and of the API's answers
  std::string help;
};

enum class Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
bool holds(double left, Comparison op, double right);
Comparison mirrored(Comparison op);      // with its sides swapped: < becomes >
std::string_view symbol(Comparison op);  // "==", "!=", "<", "<=", ">", ">="

// A condition between two numeric fields (or a field and a constant) of one record, e.g.
// people_num == people_age_count. A record that breaks it is refused with `message` at field `left`; a
// condition on an absent optional field is not broken.
struct Check {
  std::string left;
  Comparison op = Comparison::kEqual;
  std::string right;  // a field's name; empty: `constant`
  double constant = 0;
  std::string message;
};

// The words of one field: at most one of a text, any number of a set. Nothing: absent.
using Words = std::optional<std::vector<std::string>>;

// What models see of an item or of a request.
struct Values {
  std::vector<double> numbers;  // one per Schema::columns(); NaN where an optional field is absent
  std::vector<Words> words;     // one per Schema::words()
  std::vector<Words> texts;     // one per Schema::texts(): a text's words as they follow each other
};

// Values that somebody else holds. Without any where they were not read yet.
struct ValuesView {
  std::span<const double> numbers;
  std::span<const Words> words;
  std::span<const Words> texts;

  ValuesView() = default;
  ValuesView(const Values& values) : numbers(values.numbers), words(values.words), texts(values.texts) {}
  ValuesView(const std::vector<double>& numbers_) : numbers(numbers_) {}
};

// A checked item or request.
struct Record {
  std::string payload;  // canonical JSON object: declared fields in file order, then stored derived ones
  Values values;
  std::size_t unknown_fields = 0;  // fields of the input that the schema does not know (ignored, counted)
};

// Numbers and words that no field says: they are absent until somebody who knows them fills them in.
struct ToldNames {
  std::vector<std::string> numbers{};
  std::vector<std::string> words{};
};

class Schema {
 public:
  Schema();
  // The caller (domain_file.cpp) has checked that names are unique and that references resolve. `texts`: the
  // strings and texts whose words are wanted one by one. `told` stand last among columns() and words().
  Schema(std::vector<Field> fields, std::vector<DerivedField> derived, std::vector<Check> checks,
         std::vector<std::string> texts = {}, const ToldNames& told = {});

  std::span<const Field> fields() const { return fields_; }
  std::span<const DerivedField> derived() const { return derived_; }
  std::span<const Check> checks() const { return checks_; }

  // Numeric columns: those of every declared field in file order, then every derived one (stored or not),
  // then those that are told.
  std::span<const std::string> columns() const { return columns_; }
  std::optional<std::size_t> column(std::string_view name) const;  // index into columns()
  // Fields of words, in file order.
  std::span<const std::string> words() const { return words_; }
  std::optional<std::size_t> word(std::string_view name) const;  // index into words()
  // Fields whose words crosses match, one by one.
  std::span<const std::string> texts() const { return texts_; }
  std::optional<std::size_t> text(std::string_view name) const;  // index into texts()
  const Field* field(std::string_view name) const;

  // Checks a JSON value against the schema. All faults of the input come at once (kInvalidArgument); `loc` is
  // the prefix of their places, e.g. {"body"}. `ignored` names members that belong to the envelope (user_key,
  // candidates, location_id ...): neither read nor counted as unknown. `null` for an optional field means
  // absent. Derived fields of the input are ignored: they are always computed.
  // `now` is what a field takes whose default is the moment of the request; without it, it is absent.
  Result<Record> check(const boost::json::value& input, std::span<const std::string_view> loc,
                       std::span<const std::string_view> ignored = {},
                       std::optional<WallTime> now = std::nullopt) const;

  // The same for a row of text cells (CSV, TSV): cells[i] belongs to header[i]. An empty cell of an optional
  // field is absent; flags are 0/1 or true/false; a list is "a;b;c" or a JSON list.
  Result<Record> check_cells(std::span<const std::string> header, std::span<const std::string_view> cells,
                             std::span<const std::string_view> loc,
                             std::span<const std::string_view> ignored = {},
                             std::optional<WallTime> now = std::nullopt) const;

  // Merges `changes` (a JSON object) into a stored payload and checks the outcome: the PATCH of an item.
  // `null` takes an optional field away. kDataLoss when the stored payload cannot be read.
  Result<Record> patch(std::string_view payload, const boost::json::value& changes,
                       std::span<const std::string_view> loc,
                       std::span<const std::string_view> ignored = {}) const;

  // The values of a stored payload. kDataLoss when it is no payload of this schema.
  Result<Record> read(std::string_view payload) const;

 private:
  std::vector<Field> fields_;
  std::vector<DerivedField> derived_;
  std::vector<Check> checks_;
  std::vector<std::string> columns_;
  std::vector<std::string> words_;
  std::vector<std::string> texts_;
  struct Plan;  // schema_plan.h
  std::shared_ptr<const Plan> plan_;
};

}  // namespace rankloop
