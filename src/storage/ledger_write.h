// One write of a store: the answer to keep with it, and what follows once it is decided.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "domain/clock.h"
#include "storage/group_commit.h"
#include "storage/records.h"
#include "storage/statements.h"
#include "storage/store.h"

namespace rankloop::storage {

// Tells memory and the listener what has become of a write; before `done`.
template <class T>
using Settled = std::function<void(const Result<T>&)>;

// What the transaction that runs a write has to know of it, whatever the write is about.
class DecidableWrite : public Write {
 public:
  // The key of the answer to keep, if any.
  virtual const std::string* key() const noexcept = 0;
  // What to keep under the key, now that the write is decided.
  virtual std::optional<KeptAnswer> answer() const = 0;
  virtual const std::string& fingerprint() const = 0;
  virtual WallTime now() const = 0;
  virtual void refuse(Error error) = 0;
  virtual bool refused() const noexcept = 0;
};

// The half of a write that no dialect adds to. `Base`: a dialect's DecidableWrite.
template <class T, class Base>
class DecidedWrite : public Base {
 public:
  DecidedWrite(const Clock& clock, std::optional<RecordedAnswer<T>> keep, Settled<T> settled, Done<T> done)
      : clock_(clock), keep_(std::move(keep)), settled_(std::move(settled)), done_(std::move(done)) {}

  const std::string* key() const noexcept override { return keep_ ? &keep_->key : nullptr; }
  std::optional<KeptAnswer> answer() const override { return keep_->answer(*result_); }
  const std::string& fingerprint() const override { return keep_->fingerprint; }
  WallTime now() const override { return clock_.wall(); }
  void refuse(Error error) override { result_.emplace(std::move(error)); }
  bool refused() const noexcept override { return result_ && !result_->ok(); }

  void settle(const Status& committed) noexcept override {
    if (!committed) result_.emplace(not_written(committed.error()));
    if (settled_) settled_(*result_);
    if (done_) done_(std::move(*result_));
  }

 protected:
  std::optional<Result<T>> result_;

 private:
  // A refusal before the queue keeps its code; whatever stopped the batch, it is not there.
  static Error not_written(const Error& reason) {
    if (reason.code == ErrorCode::kResourceExhausted) return reason;
    return {ErrorCode::kUnavailable, reason.message, reason.detail};
  }

  const Clock& clock_;
  std::optional<RecordedAnswer<T>> keep_;
  Settled<T> settled_;
  Done<T> done_;
};

inline Error kept_already() {
  return {ErrorCode::kAlreadyExists, "An answer is kept under this Idempotency-Key"};
}

// False when there is one under the key already.
template <class Connection>
bool insert_answer(Connection& connection, const std::string& key, const std::string& fingerprint,
                   const KeptAnswer& answer, WallTime at) {
  return connection.execute("keep_answer", key, Blob{fingerprint}, answer.status, Blob{answer.body},
                            answer.task, at) == 1;
}

}  // namespace rankloop::storage
