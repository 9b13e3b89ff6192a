// The [[history]] tables of a domain file.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "domain/feedback.h"
#include "domain/history_feature.h"
#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

// A feature with what it names. Its columns are known once the schemas are built.
struct HistoryTable {
  HistoryFeature feature;
  std::string field{};  // of the item
  FilePlace kind_at{};
  FilePlace per_at{};
};

// Those of them that are sound; with faults at their places for the others. Those of persons become names of
// the request's side, that features, crosses and rules may use; the others are inputs of models by
// themselves, as crosses are.
std::vector<HistoryTable> read_history_tables(std::vector<TomlTable> tables, SchemaSide& requests,
                                              const SchemaSide& items,
                                              std::set<std::string, std::less<>>& input_names,
                                              FileFaults& faults);

// Reports what names no kind of feedback, or a value of one that has none.
void check_history_kinds(const std::vector<HistoryTable>& tables, std::span<const FeedbackRule> kinds,
                         FileFaults& faults);

}  // namespace rankloop
