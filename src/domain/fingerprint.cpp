// The canonical texts of a domain and their SHA-256.
#include "domain/fingerprint.h"

#include <array>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <openssl/evp.h>

#include "domain/derivation.h"
#include "domain/field_file.h"
#include "domain/strict_json.h"
#include "domain/time_zone.h"

namespace rankloop {
namespace {

std::string sha256_hex(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

void append_schema(std::string& text, std::string_view side, const Schema& schema) {
  const auto line = [&](std::string_view kind, const std::string& what) {
    text.append(side).append(" ").append(kind).append(" ").append(what).append("\n");
  };
  for (const Field& field : schema.fields()) line("field", canonical_text(field));
  for (const DerivedField& derived : schema.derived()) line("derived", canonical_text(derived));
  for (const Check& check : schema.checks()) line("check", canonical_text(check));
}

// What a derivation needs to know besides its operands.
std::string parameters_of(const DerivedField& derived) {
  std::string text;
  if (derived.how == Derivation::kContains && !derived.word.empty()) {
    text += ' ';
    append_json_string(text, derived.word);
  } else if (derived.how == Derivation::kEquals || derived.how == Derivation::kContains) {
    text += " " + number_text(derived.constant);
  }
  for (const double edge : derived.edges) text += " " + number_text(edge);
  if (derived.zone != nullptr) text += " " + derived.zone->name();
  return text;
}

// What stands behind a column: the type of its field, or how it is derived.
std::string origin(const Schema& schema, const std::string& name) {
  if (const Field* field = schema.field(name)) return std::string{name_of(field->type)};
  for (const DerivedField& derived : schema.derived()) {
    if (derived.name != name) continue;
    std::string text{name_of(derived.how)};
    for (const std::string& operand : derived.of)
      text += " (" + operand + " " + origin(schema, operand) + ")";
    return text + parameters_of(derived);
  }
  return {};
}

std::string column_text(const Schema& schema, std::size_t column) {
  const std::string& name = schema.columns()[column];
  return name + " " + origin(schema, name);
}

std::string feature_text(const Schema& schema, const Feature& feature) {
  if (feature.kind == FeatureKind::kNumber) return column_text(schema, feature.column);
  constexpr std::array<std::string_view, 4> kKinds = {"number", "code", "codes", "vector"};
  std::string text{kKinds[static_cast<std::size_t>(feature.kind)]};
  if (feature.has_words()) {
    const std::string& name = schema.words()[feature.column];
    return text + " " + name + (schema.field(name) != nullptr ? "" : " " + origin(schema, name));
  }
  return text + " " + std::to_string(feature.size) + " " + schema.columns()[feature.column];
}

std::string operand_text(const Schema& schema, const Cross& cross, std::size_t column) {
  if (is_of_texts(cross.op)) return schema.texts()[column] + " " + origin(schema, schema.texts()[column]);
  if (!is_of_words(cross.op)) return column_text(schema, column);
  return schema.words()[column] + " " + origin(schema, schema.words()[column]);
}

}  // namespace

std::string canonical_text(const Field& field) {
  std::string text = field.name + " " + std::string{name_of(field.type)};
  text += field.required ? " required" : " optional";
  if (field.minimum) text += " minimum " + number_text(*field.minimum);
  if (field.maximum) text += " maximum " + number_text(*field.maximum);
  text += " length " + std::to_string(field.min_length) + ".." + std::to_string(field.max_length);
  if (field.preset) text += " default " + boost::json::serialize(*field.preset);
  if (field.preset_now) text += " default now";
  if (!field.values.empty())
    text += " values " + boost::json::serialize(boost::json::value_from(field.values));
  if (field.epoch != Epoch::kNone) text += field.epoch == Epoch::kSeconds ? " seconds" : " milliseconds";
  return text;
}

std::string canonical_text(const DerivedField& derived) {
  std::string text = derived.name + " " + std::string{name_of(derived.how)};
  for (const std::string& operand : derived.of) text += " " + operand;
  text += parameters_of(derived);
  text += derived.stored ? " stored" : " computed";
  return text;
}

std::string canonical_text(const Check& check) {
  std::string text = check.left + " ";
  text += symbol(check.op);
  text += " " + (check.right.empty() ? number_text(check.constant) : check.right);
  return text;
}

std::string store_fingerprint(const Domain& domain) {
  std::string text = "rankloop domain\nname " + domain.name + "\nitem " + domain.item.one + " " +
                     domain.item.many + " " + domain.item_id_field + "\nrequest " + domain.request.one + " " +
                     domain.request.many + "\n";
  if (domain.item_id_type == ItemIdType::kText) text += "item id string\n";
  append_schema(text, "item", domain.items);
  append_schema(text, "request", domain.requests);
  append_schema(text, "candidate", domain.candidate_fields);
  for (const DerivedField& derived : domain.candidate_derived())
    text += "candidate derived " + canonical_text(derived) + "\n";
  return sha256_hex(text);
}

std::string canonical_text(const Domain& domain, const HistoryFeature& feature) {
  const std::string text =
      canonical_text(feature, feature.word ? domain.candidates.words()[*feature.word] : std::string_view());
  if (feature.reach != HistoryReach::kSession || !domain.session) return text;
  return text + " by request." + domain.requests.words()[*domain.session];
}

std::string text_fingerprint(std::string_view text) {
  return sha256_hex(text);
}

std::string feature_fingerprint(const Domain& domain) {
  std::string text = "rankloop features\n";
  for (const Feature& feature : domain.features) {
    const bool item = feature.side == Side::kItem;
    text += item ? "item " : "request ";
    text += feature_text(domain.ranked(feature.side), feature) + "\n";
  }
  for (const Cross& cross : domain.crosses) {
    if (cross.op == CrossOp::kHistory) {
      text += "history " + canonical_text(domain, domain.histories[cross.history]) + "\n";
      continue;
    }
    text += "cross " + std::to_string(static_cast<int>(cross.op)) + " ";
    text += cross.op == CrossOp::kCompare ? symbol(cross.comparison) : "-";
    text += " " + operand_text(domain.requests, cross, cross.request_column) + " " +
            operand_text(domain.candidates, cross, cross.item_column);
    if (cross.op == CrossOp::kMatch) text += " " + number_text(cross.k1) + " " + number_text(cross.b);
    text += "\n";
  }
  for (const HistoryFeature& history : domain.histories) {
    if (history.of_request())
      text += "request history " + history.name + " " + canonical_text(domain, history) + "\n";
  }
  return sha256_hex(text);
}

}  // namespace rankloop
