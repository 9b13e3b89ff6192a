// Declared inputs as the API description says them: parameters of a query, headers, and members of a body.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "domain/declared_inputs.h"
#include "http/route.h"

namespace rankloop::http {

Parameter in_query(const NumberInput& input);
Parameter in_query(const RealInput& input);
Parameter in_query(const FlagInput& input);
Parameter in_query(const TextInput& input);
Parameter in_query(const ChoiceInput& input);
Parameter in_query(const DurationInput& input);
Parameter in_query(const TaskInput& input, bool required = false);
Parameter in_header(const TextInput& input);

struct BodyMember {
  std::string_view name;
  boost::json::object schema;
};

// A text that need not be there may be null as well, and so may a list.
BodyMember in_body(const NumberInput& input);
BodyMember in_body(const RealInput& input);
BodyMember in_body(const FlagInput& input);
BodyMember in_body(const TextInput& input);
BodyMember in_body(const ChoiceInput& input);
BodyMember in_body(const TaskInput& input);
BodyMember in_body(const ItemInput& input);
BodyMember in_body(const ItemsInput& input);

// What becomes of members that are not declared.
enum class OtherMembers { kIgnored, kRefused };

// The JSON Schema of a body with these members; `example` is a JSON text.
std::string body_schema(std::initializer_list<std::string_view> required,
                        std::initializer_list<BodyMember> members, std::string_view example = {},
                        OtherMembers others = OtherMembers::kIgnored);

// The schema of an item's id.
boost::json::object item_id_schema(ItemIdType type);
// The schema of a text: its length in characters, and which characters.
void add_text(boost::json::object& schema, const TextInput& input);
// A bound as people write it: 20, not 2E1.
boost::json::value bound_value(double bound);
// A member that may be absent may be null as well.
void allow_null(boost::json::object& schema);

}  // namespace rankloop::http
