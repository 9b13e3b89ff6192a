// Reads what a request may say of its candidates: values of their own, and others in place of the item's.
#include "domain/candidate_file.h"

#include <algorithm>
#include <utility>

#include "domain/field_file.h"
#include "domain/field_value.h"

namespace rankloop {
namespace {

// A field that stands in for the item's own of the same name takes no more than that one does, so that what
// is true of the item's values is true of these.
class Substitute {
 public:
  Substitute(TomlTable& table, const Field& own) : table_(table), own_(own) {}

  // False, with faults, when it is no such field.
  bool fit(Field& field) {
    if (field.type != own_.type) {
      refuse("type", "the item's " + quoted(own_.name) + " is of type " + std::string{name_of(own_.type)} +
                         ", and what a request says in its place must be, too, not " +
                         std::string{name_of(field.type)});
      return false;
    }
    if (table_.has("default"))
      refuse("default", "without a value in the request the item's own counts: leave `default` out");
    if (field.size != own_.size) {
      refuse("size", "the item's " + quoted(own_.name) + " has " + std::to_string(own_.size) +
                         " numbers, not " + std::to_string(field.size));
    }
    fit_bounds(field);
    fit_lengths(field);
    fit_words(field);
    if (!table_.has("epoch")) field.epoch = own_.epoch;
    return good_;
  }

 private:
  void refuse(std::string_view key, std::string message) {
    table_.fault(key, std::move(message));
    good_ = false;
  }
  void refuse_wider(std::string_view key, const std::string& bound) {
    refuse(key, std::string{key} + " lets in what the item's " + quoted(own_.name) +
                    " does not take: its own is " + bound);
  }

  void fit_bounds(Field& field) {
    if (!field.minimum) field.minimum = own_.minimum;
    if (!field.maximum) field.maximum = own_.maximum;
    if (own_.minimum && *field.minimum < *own_.minimum)
      refuse_wider("minimum", describe_bound(own_.type, *own_.minimum));
    if (own_.maximum && *field.maximum > *own_.maximum)
      refuse_wider("maximum", describe_bound(own_.type, *own_.maximum));
  }

  void fit_lengths(Field& field) {
    if (!table_.has("min_length")) field.min_length = own_.min_length;
    if (!table_.has("max_length")) field.max_length = own_.max_length;
    if (field.min_length < own_.min_length) refuse_wider("min_length", std::to_string(own_.min_length));
    if (field.max_length > own_.max_length) refuse_wider("max_length", std::to_string(own_.max_length));
  }

  void fit_words(Field& field) {
    if (field.values.empty()) field.values = own_.values;
    for (const std::string& word : field.values) {
      if (own_.values.empty() || std::ranges::find(own_.values, word) != own_.values.end()) continue;
      refuse("values", "the item's " + quoted(own_.name) + " has no word " + quoted(word));
    }
  }

  TomlTable& table_;
  const Field& own_;
  bool good_ = true;
};

class CandidateReader {
 public:
  CandidateReader(const SchemaSide& items, std::span<const std::string> reserved, FileFaults& faults)
      : items_(items), reserved_(reserved), faults_(faults), read_(without_candidate_fields(items)) {}

  CandidateSide read(TomlTable& table) {
    for (TomlTable& field : table.tables("field")) read_field(field);
    for (TomlTable& derived : table.tables("derived")) read_derived_field(derived);
    check_size(read_.items, table.at(), faults_);
    return std::move(read_);
  }

 private:
  void read_field(TomlTable& table) {
    const std::string name = table.required_text("name");
    std::optional<Field> field = read_field_table(table, name);
    table.finish();
    if (field) refuse_promises(table, *field);
    const auto own = std::ranges::find(items_.fields, name, &Field::name);
    if (own != items_.fields.end()) return substitute(table, *own, std::move(field));
    if (!accept_name(table, name, reserved_, read_.items)) return;
    if (!field) return read_.items.names.push_back({name, KnownName::Kind::kBroken});
    read_.given.push_back(*field);
    add_field(read_.items, *std::move(field));
  }

  // A request need not have candidates, and an item has no moment of a request.
  void refuse_promises(TomlTable& table, Field& field) {
    if (table.flag("required").value_or(false)) {
      table.fault("required",
                  "a candidate's field cannot be required: where a request gives no candidates, or an id "
                  "alone, there is none");
    }
    if (field.preset_now)
      table.fault("default", "only a request's field has the default now, and " + quoted(field.name) +
                                 " is a candidate's");
    field.required = false;
  }

  void substitute(TomlTable& table, const Field& own, std::optional<Field> field) {
    if (std::ranges::find(read_.given, own.name, &Field::name) != read_.given.end())
      return table.fault("name", "the name " + quoted(own.name) + " is declared twice");
    if (field && Substitute(table, own).fit(*field)) read_.given.push_back(*std::move(field));
  }

  void read_derived_field(TomlTable& table) {
    if (table.has("stored"))
      table.fault("stored", "what is derived of a candidate is never stored: leave `stored` out");
    if (DerivedField* derived = read_derived(table, reserved_, read_.items, faults_)) derived->stored = false;
  }

  const SchemaSide& items_;
  const std::span<const std::string> reserved_;
  FileFaults& faults_;
  CandidateSide read_;
};

}  // namespace

CandidateSide without_candidate_fields(const SchemaSide& items) {
  CandidateSide side{{}, items};
  side.items.checks.clear();
  return side;
}

CandidateSide read_candidate_side(TomlTable& table, const SchemaSide& items,
                                  std::span<const std::string> reserved, FileFaults& faults) {
  return CandidateReader(items, reserved, faults).read(table);
}

}  // namespace rankloop
