// One write of the store: its part of the transaction, the answer to keep, and what follows once it is
// decided.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "storage/group_commit.h"
#include "storage/postgres/exchange.h"
#include "storage/postgres/write_batch.h"
#include "storage/store.h"

namespace rankloop::storage::postgres {

// As a batch sees it. A batch that runs again calls everything again.
class LedgerWrite : public Write {
 public:
  // The key of the answer to keep, if any.
  virtual const std::string* key() const noexcept = 0;
  // Whether it is one statement, or a row of one, that other writes' may be sent with. What changes rarely is
  // not.
  virtual bool is_statement() const noexcept = 0;
  // The inference whose earlier writes its statement must see, if any: no two of one are sent together.
  virtual std::optional<InferenceId> about() const noexcept = 0;
  // Looks up, over the connection, what the statement needs; an error decides the write.
  virtual void prepare(WriteBatch& batch) = 0;
  // Of a statement: queues it, and takes what came back.
  virtual void send(Exchange& exchange) = 0;
  virtual void receive(WriteBatch& batch, RowSpan rows) = 0;
  // Of any other: runs it.
  virtual void run_body(WriteBatch& batch) = 0;
  virtual void refuse(Error error) = 0;
  virtual bool refused() const noexcept = 0;
  virtual void reset() noexcept = 0;
  // What to keep under the key, now that the write is decided.
  virtual std::optional<KeptAnswer> answer() const = 0;
  virtual const std::string& fingerprint() const = 0;
  virtual WallTime now() const = 0;

  // The batch runs its writes itself.
  Status run() final { return Error{ErrorCode::kInternal, "a write ran outside of its batch"}; }
};

template <class T>
struct Statement {
  std::function<Status(WriteBatch&)> prepare;  // may be empty
  std::function<void(Exchange&)> send;
  std::function<Result<T>(WriteBatch&, RowSpan)> receive;
  std::optional<InferenceId> about = {};
};
template <class T>
using Body = std::function<Result<T>(WriteBatch&)>;
// Tells memory and the listener what has become of the write; before `done`.
template <class T>
using Settled = std::function<void(const Result<T>&)>;

template <class T>
class TypedWrite final : public LedgerWrite {
 public:
  TypedWrite(const Clock& clock, Statement<T> statement, Body<T> body, std::optional<Keep<T>> keep,
             Settled<T> settled, Done<T> done)
      : clock_(clock),
        statement_(std::move(statement)),
        body_(std::move(body)),
        keep_(std::move(keep)),
        settled_(std::move(settled)),
        done_(std::move(done)) {}

  const std::string* key() const noexcept override { return keep_ ? &keep_->key : nullptr; }
  bool is_statement() const noexcept override { return statement_.send != nullptr; }
  std::optional<InferenceId> about() const noexcept override { return statement_.about; }
  void prepare(WriteBatch& batch) override {
    if (!statement_.prepare) return;
    if (Status prepared = statement_.prepare(batch); !prepared) refuse(prepared.error());
  }
  void send(Exchange& exchange) override { statement_.send(exchange); }
  void receive(WriteBatch& batch, RowSpan rows) override { result_.emplace(statement_.receive(batch, rows)); }
  void run_body(WriteBatch& batch) override { result_.emplace(body_(batch)); }
  void refuse(Error error) override { result_.emplace(std::move(error)); }
  bool refused() const noexcept override { return result_ && !result_->ok(); }
  void reset() noexcept override { result_.reset(); }
  std::optional<KeptAnswer> answer() const override { return keep_->answer(*result_); }
  const std::string& fingerprint() const override { return keep_->fingerprint; }
  WallTime now() const override { return clock_.wall(); }

  void settle(const Status& committed) noexcept override {
    if (!committed) result_.emplace(not_written(committed.error()));
    if (settled_) settled_(*result_);
    if (done_) done_(std::move(*result_));
  }

 private:
  // A refusal at the door keeps its code; whatever stopped the batch, it is not there.
  static Error not_written(const Error& reason) {
    if (reason.code == ErrorCode::kResourceExhausted) return reason;
    return {ErrorCode::kUnavailable, reason.message, reason.detail};
  }

  const Clock& clock_;
  Statement<T> statement_;
  Body<T> body_;
  std::optional<Keep<T>> keep_;
  Settled<T> settled_;
  Done<T> done_;
  std::optional<Result<T>> result_;
};

}  // namespace rankloop::storage::postgres
