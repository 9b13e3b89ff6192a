// Finds the texts that nothing reads, and takes them out of what is stored.
#include "domain/plain_texts.h"

#include <set>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "domain/strict_json.h"

namespace rankloop {
namespace {

using Names = std::set<std::string, std::less<>>;

void add_operands(const RuleCondition& condition, Names& read) {
  for (const RuleCondition::Operand* operand : {&condition.left, &condition.right}) {
    if (operand->side == Side::kRequest) read.insert(operand->name);
  }
  for (const RuleCondition& part : condition.parts) add_operands(part, read);
}

// What is made of numbers alone reads no text but by what is derived of it.
Names names_read(const Domain& domain) {
  const Schema& requests = domain.requests;
  Names read;
  for (const Feature& feature : domain.features) {
    if (feature.side == Side::kRequest && feature.has_words()) read.insert(requests.words()[feature.column]);
  }
  for (const Cross& cross : domain.crosses) {
    if (is_of_texts(cross.op)) read.insert(requests.texts()[cross.request_column]);
    if (is_of_words(cross.op)) read.insert(requests.words()[cross.request_column]);
  }
  for (const Rule& rule : domain.rules) add_operands(rule.must, read);
  for (const DerivedField& derived : requests.derived()) read.insert(derived.of.begin(), derived.of.end());
  return read;
}

}  // namespace

std::vector<std::string> plain_texts(const Domain& domain) {
  const Names read = names_read(domain);
  std::vector<std::string> names;
  for (const Field& field : domain.requests.fields()) {
    const bool text = field.type == FieldType::kString || field.type == FieldType::kText;
    if (text && !read.contains(field.name)) names.push_back(field.name);
  }
  return names;
}

std::string without_texts(const Domain& domain, const std::vector<std::string>& names,
                          std::string_view payload) {
  if (names.empty()) return std::string{payload};
  Result<boost::json::value> value = parse_strict_json(payload);
  if (!value || !value->is_object()) return std::string{payload};
  boost::json::object& object = value->get_object();
  for (const std::string& name : names) {
    const Field& field = *domain.requests.field(name);
    boost::json::value* const stored = object.if_contains(name);
    if (stored == nullptr) continue;
    if (field.required)
      *stored = std::string(field.min_length, '-');
    else
      object.erase(name);
  }
  Result<Record> record = domain.requests.check(*value, {});
  return record ? std::move(record->payload) : std::string{payload};
}

}  // namespace rankloop
