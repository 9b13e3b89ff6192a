// The one connection that writes and checkpoints, as the writer's line sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/ranking.h"
#include "storage/distinct_texts.h"
#include "storage/group_commit.h"
#include "storage/migrate.h"
#include "storage/records.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/ledger_write.h"
#include "storage/sqlite/store_files.h"

namespace rankloop::storage::sqlite {

// Used on the writer's thread only, once the line runs.
class WriteTransaction final : public Transaction {
 public:
  // `files` are the database's own.
  WriteTransaction(Database& database, StoreFiles& files) : database_(database), files_(files) {}

  Status begin() override;
  Status run(std::span<const std::unique_ptr<Write>> writes) override;
  Status commit() override;
  std::int64_t changes() const noexcept override { return database_.changes() - changes_before_; }
  void roll_back() noexcept override;
  void tidy(bool idle) noexcept override;

  Database& connection() { return database_; }
  // Numbers of distinct texts, found or made.
  std::int64_t source_number(std::string_view name) {
    return texts_.source([this]() -> Database& { return database_; }, name);
  }
  std::int64_t policy_number(const Policy& policy) {
    return texts_.policy([this]() -> Database& { return database_; }, policy);
  }

  // From here on what happens gets positions, after this one.
  void give_positions(std::int64_t after) {
    gives_positions_ = true;
    position_ = after;
  }
  // Nothing where none are given.
  std::optional<std::int64_t> next_position() {
    return gives_positions_ ? std::optional{++position_} : std::nullopt;
  }
  // The last one; between batches, of what is committed.
  std::int64_t position() const noexcept { return position_; }

  // Nobody else writes, nobody else is there to be told, and no statement is long on its way.
  void lock_registry() {}
  void tell_registry(std::int64_t /*version*/) {}
  void tell_changed(const TaskId& /*task*/, TaskState /*state*/) {}
  void expect_long_statement(std::size_t /*bytes*/) {}
  // Whether all that is deleted is overwritten in the file.
  void overwrite_deleted(bool all) { database_.run_script(all ? "set_up_erasing" : "set_up_after_erasing"); }

  // Adds to the counts of a model; they go to the disk with the commit, one row a model and batch. Nothing
  // for rankings without a model.
  void count(const ModelCounts& change);
  void count(const EventCount& change);

 private:
  void run_write(LedgerWrite& write);
  void run_in_savepoint(LedgerWrite& write);
  // Ends a write's part of the transaction: what it counted stays, or goes with it.
  void keep_write();
  void undo_write();
  void write_counts();

  Database& database_;
  StoreFiles& files_;
  std::int64_t changes_before_ = 0;  // Database::changes() when the transaction began
  DistinctTexts texts_;
  bool gives_positions_ = false;
  std::int64_t position_ = 0;
  std::int64_t position_before_batch_ = 0;
  std::int64_t position_before_write_ = 0;
  std::vector<ModelCounts> counted_by_write_;  // of the write that runs
  std::unordered_map<ModelId, ModelCounts> counted_by_batch_;
};

// Migrates a SQLite file; used before the line runs.
class MigratedDatabase final : public MigrationTarget {
 public:
  MigratedDatabase(Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  Result<int> version() override;
  Status apply(std::span<const Migration> migrations) override;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace rankloop::storage::sqlite
