// One write of the store, as a batch sees it.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "storage/ledger_write.h"
#include "storage/postgres/statement_batch.h"
#include "storage/postgres/write_batch.h"

namespace rankloop::storage::postgres {

// A batch that runs again calls everything again.
class LedgerWrite : public DecidableWrite {
 public:
  // Whether it is one statement, or a row of one, that other writes' may be sent with. What changes rarely is
  // not.
  virtual bool is_statement() const noexcept = 0;
  // The inference whose earlier writes its statement must see, if any: no two of one are sent together.
  virtual std::optional<InferenceId> about() const noexcept = 0;
  // Whether what it writes gets positions: the whole batch holds the lock of those.
  virtual bool gives_positions() const noexcept = 0;
  // Looks up, over the connection, what the statement needs; an error decides the write.
  virtual void prepare(WriteBatch& batch) = 0;
  // Of a statement: queues it, and takes what came back.
  virtual void send(StatementBatch& statements) = 0;
  virtual void receive(WriteBatch& batch, RowSpan rows) = 0;
  // Of any other: runs it.
  virtual void run_body(WriteBatch& batch) = 0;
  virtual void reset() noexcept = 0;
};

template <class T>
struct Statement {
  std::function<Status(WriteBatch&)> prepare;  // may be empty
  std::function<void(StatementBatch&)> send;
  std::function<Result<T>(WriteBatch&, RowSpan)> receive;
  std::optional<InferenceId> about = {};
  bool gives_positions = false;
};
template <class T>
using Body = std::function<Result<T>(WriteBatch&)>;

template <class T>
class TypedWrite final : public DecidedWrite<T, LedgerWrite> {
 public:
  TypedWrite(const Clock& clock, Statement<T> statement, Body<T> body, std::optional<RecordedAnswer<T>> keep,
             Settled<T> settled, Done<T> done)
      : DecidedWrite<T, LedgerWrite>(clock, std::move(keep), std::move(settled), std::move(done)),
        statement_(std::move(statement)),
        body_(std::move(body)) {}

  bool is_statement() const noexcept override { return statement_.send != nullptr; }
  std::optional<InferenceId> about() const noexcept override { return statement_.about; }
  bool gives_positions() const noexcept override { return statement_.gives_positions; }
  void prepare(WriteBatch& batch) override {
    if (!statement_.prepare) return;
    if (Status prepared = statement_.prepare(batch); !prepared) this->refuse(prepared.error());
  }
  void send(StatementBatch& statements) override { statement_.send(statements); }
  void receive(WriteBatch& batch, RowSpan rows) override {
    this->result_.emplace(statement_.receive(batch, rows));
  }
  void run_body(WriteBatch& batch) override { this->result_.emplace(body_(batch)); }
  void reset() noexcept override { this->result_.reset(); }

 private:
  Statement<T> statement_;
  Body<T> body_;
};

}  // namespace rankloop::storage::postgres
