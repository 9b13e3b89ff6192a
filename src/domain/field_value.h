// One value of one field: its type, its bounds, its canonical text and its number.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/schema.h"
#include "error/result.h"

namespace rankloop {

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kLargestInt = 2'147'483'647;    // of an int field that declares no maximum
inline constexpr double kSmallestInt = -2'147'483'648;  // likewise

// As the domain file writes it: "int", "float" ...
std::string_view name_of(FieldType type);

// Collects the faults of one input below a common place.
class FaultList {
 public:
  explicit FaultList(std::span<const std::string_view> loc) : loc_(loc) {}
  void add(std::string_view field, std::string message, std::string_view type);
  void add(std::string_view field, std::size_t element, std::string message, std::string_view type);
  void add(std::string_view field, std::string_view member, std::string message, std::string_view type);
  std::size_t size() const { return faults_.size(); }
  std::vector<FieldFault> take() { return std::move(faults_); }

 private:
  std::span<const std::string_view> loc_;
  std::vector<FieldFault> faults_;
};

// What derived fields need to know of a list or a text, of which only the length is known where it is none of
// whole numbers, and everything else is kAbsent; likewise of an empty list.
struct ListSummary {
  double length = kAbsent;  // elements, or characters
  double mean = kAbsent;
  double stddev = kAbsent;  // of the population
  double min = kAbsent;
  double max = kAbsent;
};

ListSummary summarise(std::span<const double> numbers);

struct FieldValue {
  double number = kAbsent;      // of a field that has one
  Words words;                  // of a field of words; of a text, itself as a whole
  ListSummary list;             // of texts and lists
  std::vector<double> numbers;  // of a vector or a place, as column_names() names them; of a list of integers
};

// Reads `value` as `field`, appends its canonical JSON to `out` and reports what is wrong with it. After a
// fault the field's value is as absent and what `out` got is of no use.
FieldValue read_field_value(const Field& field, const boost::json::value& value, FaultList& faults,
                            std::string& out);

// A value as people read it in a message: short, on one line, valid UTF-8.
std::string describe(const boost::json::value& value);
std::string describe_number(double number);
std::string describe_bound(FieldType type, double bound);  // a date or a moment as its text

}  // namespace rankloop
