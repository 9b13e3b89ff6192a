// A domain file before it is text.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infer/column_roles.h"
#include "infer/column_type.h"
#include "infer/infer_domain.h"
#include "infer/table_sample.h"

namespace rankloop::infer {

struct FieldDraft {
  ColumnReport report;
  ColumnType type;
  std::string column;  // by which an import has to find the field; empty: it does by its name
  const ColumnProfile* seen = nullptr;  // none: a field that no table has
  bool feature() const { return report.feature; }
  bool is_field() const { return !report.field.empty(); }
};

struct DerivedDraft {
  std::string name;
  std::string how;
  std::string of;
  std::string more;  // a further line, as "edges = [6, 12]"
  std::string why;
  bool feature = true;
};

struct CrossDraft {
  std::string name;
  std::string how;
  std::string request;
  std::string item;
  std::string why;
};

struct SideDraft {
  std::string noun;
  std::string many;
  std::vector<FieldDraft> fields;  // and columns that are none
  std::vector<DerivedDraft> derived;
  std::set<std::string> names;  // taken: fields, derived values, what the API uses
  std::size_t numbers = 0;      // of its columns

  // A name that is free, made of this one, which is taken from now on.
  std::string free_name(const std::string& wanted);
  const FieldDraft* field(std::string_view name) const;
};

struct Draft {
  std::string name;
  std::string title;
  std::string id;         // the item's
  std::string id_column;  // by which an import has to find it; empty: it does by its name
  std::string id_comment;
  bool id_is_text = false;
  SideDraft requests;
  SideDraft items;
  std::vector<CrossDraft> crosses;
  std::vector<std::string> rules;     // proposed
  std::vector<std::string> features;  // as the file writes them
  std::vector<std::string> doubts;
};

// Why a field could not take a row as it was: the first time it becomes a text, the second time it is left
// out.
struct Refusal {
  int times = 0;
  std::string reason;
};
using Refusals = std::map<std::string, Refusal>;  // by the field's name
// By the column's name in the header.
using Corrections = std::map<std::string, Correction, std::less<>>;

struct Samples {
  const TableSample& items;
  const TableSample* history = nullptr;
  const TableSample* requests = nullptr;
  const HistoryRoles* roles = nullptr;
  IdColumn id;
  bool one_table = false;                    // items and history are the same rows
  const Corrections* corrections = nullptr;  // of columns of items
};

// The fields of both sides with their types.
Draft draft_of(const Samples& samples, const std::string& name, const std::string& noun,
               const Refusals& item_refusals, const Refusals& request_refusals);

// Adds derived values, then features, crosses and proposals of rules.
void add_derived(Draft& draft);
void add_crosses(Draft& draft);
void add_features(Draft& draft);

// What a file of items calls them: "movies.csv.gz" -> "movie"; "item" for "items", "data" and the like.
std::string noun_of(std::string_view file);
std::string name_of_domain(std::string_view file);

}  // namespace rankloop::infer
