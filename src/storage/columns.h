// The names that columns of the ledger's answers have, and where they stand in the answer of one statement.
//
// A column is asked for by its name: one that no statement has does not compile. A statement's positions are
// found once, when it is prepared, so asking a row costs one look into a small table.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::storage {

inline constexpr std::array kColumns = std::to_array<std::string_view>({"actor",
                                                                        "added",
                                                                        "after_request",
                                                                        "answers",
                                                                        "arguments",
                                                                        "arm",
                                                                        "arm_name",
                                                                        "artefact_hash",
                                                                        "asked_by",
                                                                        "at",
                                                                        "attempt",
                                                                        "body",
                                                                        "bytes",
                                                                        "candidate_fields",
                                                                        "candidates",
                                                                        "catalog_version",
                                                                        "champion",
                                                                        "champions",
                                                                        "changed",
                                                                        "columns",
                                                                        "conclusion",
                                                                        "content",
                                                                        "correlation_id",
                                                                        "count",
                                                                        "created",
                                                                        "deleted",
                                                                        "design",
                                                                        "detail",
                                                                        "deterministic",
                                                                        "domain_version",
                                                                        "empty",
                                                                        "ended",
                                                                        "error",
                                                                        "event_id",
                                                                        "events",
                                                                        "evidence",
                                                                        "experiment_id",
                                                                        "expires",
                                                                        "exposure",
                                                                        "family",
                                                                        "feature_fingerprint",
                                                                        "feedback",
                                                                        "fence",
                                                                        "fingerprint",
                                                                        "finished",
                                                                        "first_event",
                                                                        "first_rank",
                                                                        "first_request",
                                                                        "held",
                                                                        "id",
                                                                        "inference_id",
                                                                        "inferences",
                                                                        "integrity_check",
                                                                        "interleaving",
                                                                        "is_there",
                                                                        "item",
                                                                        "item_count",
                                                                        "item_id",
                                                                        "key",
                                                                        "kind",
                                                                        "known",
                                                                        "known_hash",
                                                                        "last_event",
                                                                        "last_request",
                                                                        "lineage",
                                                                        "metrics",
                                                                        "migrations",
                                                                        "model_id",
                                                                        "n",
                                                                        "name",
                                                                        "none",
                                                                        "nones",
                                                                        "number",
                                                                        "oldest",
                                                                        "packed",
                                                                        "parameters",
                                                                        "part",
                                                                        "payload",
                                                                        "people",
                                                                        "persons",
                                                                        "picked",
                                                                        "picks",
                                                                        "picks_of_item",
                                                                        "place",
                                                                        "placed",
                                                                        "policy",
                                                                        "position",
                                                                        "progress",
                                                                        "ramped",
                                                                        "ranges",
                                                                        "rank",
                                                                        "ranked_domain_version",
                                                                        "read",
                                                                        "reason",
                                                                        "received",
                                                                        "registry_version",
                                                                        "remark",
                                                                        "repeated",
                                                                        "reply_to",
                                                                        "requests",
                                                                        "result",
                                                                        "rolled_back",
                                                                        "run_at",
                                                                        "seed",
                                                                        "seen",
                                                                        "shadow",
                                                                        "share",
                                                                        "shown",
                                                                        "since",
                                                                        "size",
                                                                        "slice",
                                                                        "source",
                                                                        "started",
                                                                        "state",
                                                                        "status",
                                                                        "subject",
                                                                        "tables",
                                                                        "task_id",
                                                                        "trace",
                                                                        "types",
                                                                        "unit",
                                                                        "unknown_candidates",
                                                                        "unlinked_events",
                                                                        "used",
                                                                        "user_id",
                                                                        "user_key",
                                                                        "users",
                                                                        "value",
                                                                        "verdict",
                                                                        "version",
                                                                        "weight",
                                                                        "what",
                                                                        "winner",
                                                                        "wishes",
                                                                        "with_outcome",
                                                                        "write"});

// Of what an answer has only because it has to have something.
inline constexpr std::string_view kUnread = "unread";

class Column {
 public:
  template <std::size_t N>
  consteval Column(
      const char (&name)[N])  // NOLINT(google-explicit-constructor): a name stands for its column
      : number_(number_of(name)) {
    if (number_ == kColumns.size()) throw "no statement has a column of this name";
  }
  constexpr std::size_t number() const { return number_; }
  constexpr std::string_view name() const { return kColumns[number_]; }
  // kColumns.size(): there is none.
  static constexpr std::size_t number_of(std::string_view name) {
    std::size_t number = 0;
    while (number < kColumns.size() && kColumns[number] != name) ++number;
    return number;
  }

 private:
  std::size_t number_;
};

// Where the columns of one statement's answer stand. Immutable once made.
class Positions {
 public:
  Positions() { places_.fill(kNone); }  // of an answer without columns
  // `names`: in the answer's order. kInternal: one of them is no name of a column, or stands there twice.
  static Result<Positions> of(std::span<const std::string_view> names);

  static constexpr int kNone = -1;  // the answer has no such column
  int at(Column column) const { return places_[column.number()]; }

 private:
  std::array<std::int16_t, kColumns.size()> places_;
};

// What any row offers beside its plain values, which a driver's row has: integer(), bytes(), is_null() and
// damaged(), which throws.
template <class Row>
class NamedRow {
 public:
  int small(Column column) const { return static_cast<int>(row().integer(column)); }
  bool boolean(Column column) const { return row().integer(column) != 0; }
  std::string text(Column column) const { return std::string(row().bytes(column)); }
  WallTime time(Column column) const { return WallTime{std::chrono::milliseconds{row().integer(column)}}; }
  std::optional<WallTime> optional_time(Column column) const {
    if (row().is_null(column)) return std::nullopt;
    return time(column);
  }
  std::optional<std::int64_t> optional_integer(Column column) const {
    if (row().is_null(column)) return std::nullopt;
    return row().integer(column);
  }
  TaskId task_id(Column column) const {
    TaskId id;
    const std::string_view stored = row().bytes(column);
    if (stored.size() != id.bytes.size()) row().damaged("a task id has another length");
    std::memcpy(id.bytes.data(), stored.data(), id.bytes.size());
    return id;
  }

 protected:
  // Where the column stands.
  int place(const Positions& positions, Column column) const {
    const int at = positions.at(column);
    if (at == Positions::kNone) row().damaged("the answer has no column " + std::string(column.name()));
    return at;
  }

 private:
  const Row& row() const { return static_cast<const Row&>(*this); }
};

}  // namespace rankloop::storage
