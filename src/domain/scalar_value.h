// One JSON value that is no list and no object, read as its field's type: checked, written in its canonical
// form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/schema.h"

namespace rankloop {

struct ValueFault {
  std::string message;
  std::string_view type;  // the fault's kind, as "int_type"
};

// Each appends the canonical JSON to `out`; after a fault what it appended is of no use.
std::optional<ValueFault> read_int(const Field& field, const boost::json::value& value, double& number,
                                   std::string& out);
std::optional<ValueFault> read_float(const Field& field, const boost::json::value& value, double& number,
                                     std::string& out);
std::optional<ValueFault> read_bool(const boost::json::value& value, double& number, std::string& out);
std::optional<ValueFault> read_date(const Field& field, const boost::json::value& value, double& number,
                                    std::string& out);
std::optional<ValueFault> read_time(const Field& field, const boost::json::value& value, double& number,
                                    std::string& out);

// A text of min_length to max_length characters; `length` gets how many there are.
std::optional<ValueFault> read_text(const Field& field, const boost::json::value& value, double& length,
                                    std::string& out);

// One word of a category or of tags: 1 to kLongestWord characters, one of the field's values where it lists
// any. The view is of `value`.
inline constexpr std::size_t kLongestWord = 256;
std::optional<ValueFault> read_word(const Field& field, const boost::json::value& value,
                                    std::string_view& word, std::string& out);

}  // namespace rankloop
