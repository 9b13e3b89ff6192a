// One write of the store: its part of the transaction, the answer to keep, and what follows once it is
// decided.
#pragma once

#include <functional>
#include <new>
#include <optional>
#include <utility>

#include "domain/clock.h"
#include "error/caught.h"
#include "storage/group_commit.h"
#include "storage/sqlite/transaction.h"
#include "storage/store.h"

namespace rankloop::storage::sqlite {

template <class T>
class LedgerWrite final : public Write {
 public:
  // Runs in the write's savepoint; an error undoes it.
  using Body = std::function<Result<T>(WriteTransaction&)>;
  // Tells memory and the listener what has become of the write; before `done`.
  using Settled = std::function<void(const Result<T>&)>;

  LedgerWrite(WriteTransaction& transaction, const Clock& clock, Body body, std::optional<Keep<T>> keep,
              Settled settled, Done<T> done)
      : transaction_(transaction),
        clock_(clock),
        body_(std::move(body)),
        keep_(std::move(keep)),
        settled_(std::move(settled)),
        done_(std::move(done)) {}

  Status run() override {
    try {
      run_in_savepoint();
      return {};
    } catch (const DatabaseError& error) {
      return error.to_error();
    }
  }

  void settle(const Status& committed) noexcept override {
    if (!committed) result_.emplace(not_written(committed.error()));
    if (settled_) settled_(*result_);
    if (done_) done_(std::move(*result_));
  }

 private:
  void run_in_savepoint() {
    Database& database = transaction_.database();
    if (keep_ && is_kept(database)) {
      result_.emplace(Error{ErrorCode::kAlreadyExists, "An answer is kept under this Idempotency-Key"});
      return;
    }
    database.run("open_savepoint");
    try {
      result_.emplace(body_(transaction_));
    } catch (const DatabaseError& error) {
      if (!error.is_constraint()) throw;
      result_.emplace(error.to_error());
    } catch (const std::bad_alloc&) {
      result_.emplace(out_of_memory());  // of this write, not of those beside it
    }
    if (result_->ok()) {
      transaction_.keep_write();
    } else {
      database.run("undo_savepoint");
      transaction_.undo_write();
    }
    database.run("close_savepoint");
    keep_answer(database);
  }

  bool is_kept(Database& database) { return database.query("kept_answer", keep_->key).step(); }

  void keep_answer(Database& database) {
    if (!keep_) return;
    const std::optional<KeptAnswer> answer = keep_->answer(*result_);
    if (!answer) return;
    std::optional<Blob> task;
    if (answer->task) task = blob(*answer->task);
    database.run("keep_answer", keep_->key, Blob{keep_->fingerprint}, answer->status, Blob{answer->body},
                 task, clock_.wall());
  }

  // A refusal at the door keeps its code; whatever stopped the batch, it is not there.
  static Error not_written(const Error& reason) {
    if (reason.code == ErrorCode::kResourceExhausted) return reason;
    return {ErrorCode::kUnavailable, reason.message, reason.detail};
  }

  WriteTransaction& transaction_;
  const Clock& clock_;
  Body body_;
  std::optional<Keep<T>> keep_;
  Settled settled_;
  Done<T> done_;
  std::optional<Result<T>> result_;
};

}  // namespace rankloop::storage::sqlite
