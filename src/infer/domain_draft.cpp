// Makes fields of columns.
#include "infer/domain_draft.h"

#include <algorithm>
#include <array>

#include "domain/field_value.h"
#include "domain/schema_names.h"
#include "infer/column_name.h"

namespace rankloop::infer {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestColumn = 255;   // bytes
constexpr std::size_t kMostNumbers = 16'000;  // of a side

std::string small_name(std::string_view file) {
  const std::size_t folder = file.find_last_of('/');
  if (folder != std::string_view::npos) file.remove_prefix(folder + 1);
  file = file.substr(0, file.find('.', 1));
  std::string name = identifier_of(file);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

class Fields {
 public:
  Fields(const Samples& samples, Draft& draft, const Refusals& item_refusals,
         const Refusals& request_refusals)
      : samples_(samples),
        draft_(draft),
        item_refusals_(item_refusals),
        request_refusals_(request_refusals) {}

  void add() {
    add_items();
    if (samples_.requests != nullptr) add_requests();
    if (samples_.history != nullptr) add_history();
    add_moment();
  }

 private:
  void add_items() {
    const TableSample& items = samples_.items;
    for (std::size_t i = 0; i < items.header.size(); ++i) {
      FieldDraft draft = begin("items", items, i);
      const std::string_view role = samples_.one_table ? samples_.roles->role_of(i) : std::string_view{};
      const Correction* const said = correction_of(items.header[i]);
      if (i == samples_.id.column) {
        draft.report.role = "id";
      } else if (said != nullptr && said->ignored == true) {
        ignore(draft, "left out, as was said");
      } else if (!role.empty()) {
        draft.report.doubts.push_back(
            "says of the history who, when or what was picked: nothing of the item");
      } else if (draft.seen != nullptr) {
        make_field(draft_.items, draft, items, i, {items.facts.whole_file, false}, item_refusals_, said);
      }
      draft_.items.fields.push_back(std::move(draft));
    }
  }

  void add_requests() {
    const TableSample& requests = *samples_.requests;
    for (std::size_t i = 0; i < requests.header.size(); ++i) {
      FieldDraft draft = begin("requests", requests, i);
      const auto in_history = samples_.history ? samples_.history->column(requests.header[i]) : std::nullopt;
      const bool changes = in_history && *in_history < samples_.roles->constant.size() &&
                           !samples_.roles->constant[*in_history] && samples_.roles->request;
      if (draft.seen != nullptr && names_request_or_person(*draft.seen)) {
        ignore(draft, "names the request or who asks; requests say that as user_key");
      } else if (changes) {
        ignore(draft, "changes within a request of the history, so it is none of the request's");
      } else if (draft.seen != nullptr) {
        make_field(draft_.requests, draft, requests, i, {requests.facts.whole_file, true}, request_refusals_);
      }
      draft_.requests.fields.push_back(std::move(draft));
    }
  }

  void add_history() {
    const TableSample& history = *samples_.history;
    const HistoryRoles& roles = *samples_.roles;
    for (std::size_t i = 0; i < history.header.size(); ++i) {
      FieldDraft draft = begin("history", history, i);
      const std::string_view role = roles.role_of(i);
      if (!role.empty()) {
        draft.report.role = role;
        if (role == "pick") draft.report.doubts.push_back("read as " + roles.pick_kind);
      } else if (draft.seen != nullptr) {
        make_history_field(draft, history, i);
      }
      draft_.requests.fields.push_back(std::move(draft));
    }
  }

  void make_history_field(FieldDraft& draft, const TableSample& history, std::size_t i) {
    const HistoryRoles& roles = *samples_.roles;
    if (draft_.requests.field(history.names[i]) != nullptr)
      return ignore(draft, "is a field already, by the table of requests");
    if (roles.events)
      return ignore(draft, "an event's columns may speak of what was picked, so none is the request's");
    const bool counts =
        draft.seen->numbers == draft.seen->filled() || draft.seen->flags == draft.seen->filled();
    if (counts && NameWords(draft.report.column).say(Hint::kPick))
      draft.report.doubts.push_back("may say what was picked, too: --picked-column " +
                                    shortened(draft.report.column));
    if (!roles.request || !roles.constant[i])
      return ignore(draft, "changes within a request: it is of what was shown");
    if (roles.lone && samples_.items.column(history.header[i]))
      return ignore(draft, "has the name of an item's field, and each request a single row");
    make_field(draft_.requests, draft, history, i, {history.facts.whole_file, true}, request_refusals_);
  }

  // When it was asked, by which hours and ages of items are known.
  void add_moment() {
    for (const FieldDraft& field : draft_.requests.fields) {
      if (field.is_field() && field.type.field.type == FieldType::kTime && field.seen->distinct_cells() > 1)
        return;
    }
    const auto taken = [](const TableSample* sample) {
      return sample != nullptr && sample->column("asked_at");
    };
    const bool named = taken(samples_.history) || taken(samples_.requests);
    FieldDraft draft;
    draft.report.table = "requests";
    draft.report.role = "field";
    draft.report.type = "time";
    draft.report.field = draft_.requests.free_name(named ? "request_moment" : "asked_at");
    draft.report.seen = "in no table: when the request came";
    draft.type.field.name = draft.report.field;
    draft.type.field.type = FieldType::kTime;
    draft.type.field.required = false;
    draft.type.field.preset_now = true;
    draft_.requests.fields.push_back(std::move(draft));
  }

  static FieldDraft begin(std::string_view table, const TableSample& sample, std::size_t i) {
    FieldDraft draft;
    draft.report.table = table;
    draft.report.column = sample.header[i];
    draft.report.role = "ignored";
    if (i < sample.columns.size()) {
      draft.seen = &sample.columns[i];
      draft.report.seen = told(*draft.seen, type_of(*draft.seen, {}));
    } else {
      draft.report.doubts.push_back("more than " + std::to_string(kMostFields) +
                                    " columns: this one is left out");
    }
    return draft;
  }

  static void ignore(FieldDraft& draft, std::string why) { draft.report.doubts.push_back(std::move(why)); }

  void make_field(SideDraft& side, FieldDraft& draft, const TableSample& sample, std::size_t i,
                  const SampleKnowledge& known, const Refusals& refusals, const Correction* said = nullptr) {
    const std::string& name = sample.names[i];
    if (name.empty()) {
      return ignore(
          draft,
          sample.header[i].empty()
              ? "has no name"
              : "its name has no letters that a field can have, or is that of another column: rename it");
    }
    if (side.names.contains(name))
      return ignore(draft, "the API itself uses this name: rename the column to keep it");
    if (draft.seen->nested > 0) {
      return ignore(draft,
                    "holds objects, or lists of them, in " + std::to_string(draft.seen->nested) +
                        " rows, which no field takes: it is not used; write what is in them as members "
                        "of their own");
    }
    const auto refused = refusals.find(name);
    if (refused != refusals.end() && refused->second.times > 1)
      return ignore(draft, "left out: " + refused->second.reason);
    draft.type = said != nullptr && !said->type.empty() ? as_type(*draft.seen, known, *type_named(said->type))
                 : refused == refusals.end()            ? type_of(*draft.seen, known)
                                             : as_words(*draft.seen, known, refused->second.reason);
    if (said != nullptr) correct(draft.type, *draft.seen, *said);
    const std::size_t numbers = draft.type.field.type == FieldType::kVector ? draft.type.field.size : 2;
    if (side.numbers + numbers > kMostNumbers)
      return ignore(draft, "left out: more numbers than a side may have");
    side.numbers += numbers;
    side.names.insert(name);
    const bool renamed = said != nullptr && !said->name.empty();
    // What a table calls otherwise is found by its letters; a member of JSON is not.
    const bool found = name == identifier_of(sample.header[i]) && sample.facts.separator != '\0';
    if (name != sample.header[i] && !found) draft.column = sample.header[i];
    take(draft, name);
    if (name != draft.report.column && !renamed) draft.report.doubts.push_back("the field is called " + name);
    const bool moment =
        draft.type.field.type == FieldType::kTime || draft.type.field.type == FieldType::kDate;
    if (!known.of_request || !moment || !draft.report.feature) return;
    draft.report.feature = false;
    draft.type.why_not = "moments of requests only go on; their hours, weekdays and ages of items come again";
  }

  const Correction* correction_of(std::string_view column) const {
    const auto found = samples_.corrections->find(column);
    return found == samples_.corrections->end() ? nullptr : &found->second;
  }

  static void correct(ColumnType& type, const ColumnProfile& seen, const Correction& said) {
    Field& field = type.field;
    if (said.required) field.required = *said.required;
    if (said.closed == false) field.values.clear();
    if (said.closed == true) close(type, seen);
    if (said.feature == true && !type.pays_as_feature && may_be_feature(field.type)) type.why_not.clear();
    if (said.feature == false) type.why_not = "as was said";
    type.pays_as_feature = type.why_not.empty();
  }
  static void close(ColumnType& type, const ColumnProfile& seen) {
    if (type.field.type != FieldType::kCategory && type.field.type != FieldType::kTags) return;
    type.field.values = words_of(seen, type.field);
    if (type.field.values.empty()) type.doubts.emplace_back("has too many words to allow these only");
  }
  static bool may_be_feature(FieldType type) {
    return type != FieldType::kText && type != FieldType::kIntList;
  }

  // Makes a field of what is known of it.
  static void take(FieldDraft& draft, const std::string& name) {
    Field& field = draft.type.field;
    field.name = name;
    ColumnReport& report = draft.report;
    report.role = "field";
    report.field = name;
    report.type = name_of(field.type);
    report.feature = draft.type.pays_as_feature;
    report.required = field.required;
    report.values = field.values;
    report.seen = told(*draft.seen, draft.type);
    report.doubts.insert(report.doubts.end(), draft.type.doubts.begin(), draft.type.doubts.end());
  }

  const Samples& samples_;
  Draft& draft_;
  const Refusals& item_refusals_;
  const Refusals& request_refusals_;
};

void name_id(Draft& draft, const Samples& samples) {
  const TableSample& items = samples.items;
  if (samples.id.column && !items.names[*samples.id.column].empty()) {
    draft.id = items.names[*samples.id.column];
    draft.id_comment = samples.id.texts ? "texts, each once" : "whole numbers, each once";
  } else {
    draft.id = draft.items.noun + "_id";
    while (items.column(draft.id)) draft.id += "_number";
    draft.id_comment = "no column has an id of each row: import with --number-rows";
  }
  if (draft.id.size() > kLongestName) draft.id = "item_number";
  draft.id_is_text = samples.id.texts;
  const std::string column = samples.id.column ? items.header[*samples.id.column] : std::string{};
  if (column != draft.id && column.size() <= kLongestColumn) draft.id_column = column;
}

}  // namespace

std::string SideDraft::free_name(const std::string& wanted) {
  std::string name = wanted.substr(0, kLongestName);
  for (int i = 2; names.contains(name); ++i) {
    const std::string end = "_" + std::to_string(i);
    name = wanted.substr(0, kLongestName - end.size()) + end;
  }
  names.insert(name);
  return name;
}

const FieldDraft* SideDraft::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldDraft& each) {
    return each.is_field() && each.report.field == name;
  });
  return found == fields.end() ? nullptr : &*found;
}

Draft draft_of(const Samples& samples, const std::string& name, const std::string& noun,
               const Refusals& item_refusals, const Refusals& request_refusals) {
  Draft draft;
  draft.name = name;
  draft.items.noun = noun;
  draft.items.many = plural(noun);
  draft.requests.noun = "request";
  draft.requests.many = "requests";
  name_id(draft, samples);
  draft.requests.names = {"request_id", "user_key", "candidates", "wishes"};
  draft.items.names = {draft.id, "score"};
  Fields(samples, draft, item_refusals, request_refusals).add();
  return draft;
}

std::string noun_of(std::string_view file) {
  constexpr std::array<std::string_view, 16> kSaysNothing = {
      "item",     "items", "data",   "table",   "catalog", "catalogue", "export", "request",
      "requests", "info",  "result", "results", "test",    "train",     "full",   "sample"};
  const std::string name = singular(small_name(file));
  const bool silent = name.empty() || name.size() > 40 ||
                      std::find(kSaysNothing.begin(), kSaysNothing.end(), name) != kSaysNothing.end();
  return silent ? "item" : name;
}

std::string name_of_domain(std::string_view file) {
  const std::string name = small_name(file);
  return name.empty() ? "items" : name.substr(0, kLongestName);
}

}  // namespace rankloop::infer
