// Declared inputs as JSON Schema.
#include "http/routes/declared.h"

#include <cmath>

#include "domain/strict_json.h"

namespace rankloop::http {
namespace {

// The members of one schema, in the order in which they are added.
class SchemaText {
 public:
  explicit SchemaText(std::string_view type) { add("type", type); }

  SchemaText& add(std::string_view name, std::string_view text) {
    begin(name);
    append_json_string(text_, text);
    return *this;
  }
  SchemaText& add_json(std::string_view name, std::string_view json) {
    begin(name);
    text_ += json;
    return *this;
  }
  std::string done() { return text_ + "}"; }

 private:
  void begin(std::string_view name) {
    text_ += text_.size() > 1 ? "," : "";
    append_json_string(text_, name);
    text_ += ':';
  }

  std::string text_ = "{";
};

std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

template <class Values, class Print>
std::string list_of(const Values& values, const Print& print) {
  std::string json = "[";
  for (const auto& value : values) json += (json.size() > 1 ? "," : "") + print(value);
  return json + "]";
}

// As people write it: 20, not 2E1.
std::string number_text(double number) {
  if (std::nearbyint(number) == number && std::abs(number) < 9e15) {
    return std::to_string(static_cast<std::int64_t>(number));
  }
  std::string json;
  append_json_number(json, number);
  return json;
}

Parameter query_parameter(std::string_view name, std::string schema, std::string_view help) {
  return {std::string{name}, "query", std::move(schema), std::string{help}};
}

std::string member(std::string_view name, SchemaText& schema, std::string_view help) {
  if (!help.empty()) schema.add("description", help);
  return quoted(name) + ":" + schema.done();
}

SchemaText schema_of_choice(const ChoiceInput& input) {
  SchemaText schema{"string"};
  if (input.preset) schema.add("default", *input.preset);
  schema.add_json("enum", list_of(input.words, quoted));
  if (input.example) schema.add_json("examples", "[" + quoted(*input.example) + "]");
  return schema;
}

}  // namespace

Parameter in_query(const NumberInput& input) {
  SchemaText schema{"integer"};
  schema.add_json("minimum", std::to_string(input.minimum))
      .add_json("maximum", std::to_string(input.maximum));
  if (input.preset) schema.add_json("default", std::to_string(*input.preset));
  if (input.example) schema.add_json("examples", "[" + std::to_string(*input.example) + "]");
  return query_parameter(input.name, schema.done(), input.help);
}

Parameter in_query(const FlagInput& input) {
  return query_parameter(input.name, SchemaText{"boolean"}.add_json("default", "false").done(), input.help);
}

Parameter in_query(const TextInput& input) {
  SchemaText schema{"string"};
  if (input.most > 0) schema.add_json("maxLength", std::to_string(input.most));
  if (input.preset) schema.add("default", *input.preset);
  return query_parameter(input.name, schema.done(), input.help);
}

Parameter in_query(const ChoiceInput& input) {
  return query_parameter(input.name, schema_of_choice(input).done(), input.help);
}

Parameter in_query(const DurationInput& input) {
  SchemaText schema{"string"};
  schema.add("pattern", "^[0-9]+([.][0-9]+)?(ms|s|m|h|d)?$").add_json("examples", R"(["500ms","30s"])");
  return query_parameter(input.name, schema.done(), input.help);
}

Parameter in_query(const TaskInput& input, bool required) {
  Parameter parameter =
      query_parameter(input.name, SchemaText{"string"}.add("format", "uuid").done(), input.help);
  parameter.required = required;
  return parameter;
}

std::string in_body(const RealInput& input) {
  SchemaText schema{"number"};
  schema.add_json("minimum", number_text(input.minimum));
  if (std::isfinite(input.maximum)) {
    schema.add_json(input.below ? "exclusiveMaximum" : "maximum", number_text(input.maximum));
  }
  if (input.example) schema.add_json("examples", "[" + number_text(*input.example) + "]");
  return member(input.name, schema, input.help);
}

std::string in_body(const FlagInput& input) {
  SchemaText schema{"boolean"};
  return member(input.name, schema, input.help);
}

std::string in_body(const TextInput& input) {
  std::string type = R"({"type":["string","null"])";
  if (input.most > 0) type += R"(,"maxLength":)" + std::to_string(input.most);
  return quoted(input.name) + ":" + type + R"(,"description":)" + quoted(input.help) + "}";
}

std::string in_body(const ChoiceInput& input) {
  SchemaText schema = schema_of_choice(input);
  return member(input.name, schema, input.help);
}

std::string body_schema(std::initializer_list<std::string_view> required,
                        std::initializer_list<std::string> members, std::string_view example) {
  SchemaText schema{"object"};
  if (required.size() > 0) schema.add_json("required", list_of(required, quoted));
  std::string properties = "{";
  for (const std::string& one : members) properties += (properties.size() > 1 ? "," : "") + one;
  schema.add_json("properties", properties + "}");
  if (!example.empty()) schema.add_json("examples", "[" + std::string{example} + "]");
  return schema.done();
}

}  // namespace rankloop::http
