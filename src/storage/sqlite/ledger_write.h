// One write of the store, as the transaction sees it.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "storage/ledger_write.h"

namespace rankloop::storage::sqlite {

class WriteTransaction;

class LedgerWrite : public DecidableWrite {
 public:
  // Runs in the write's savepoint; when it is refused, that is undone.
  virtual void run(WriteTransaction& transaction) = 0;
};

template <class T>
using Body = std::function<Result<T>(WriteTransaction&)>;

template <class T>
class TypedWrite final : public DecidedWrite<T, LedgerWrite> {
 public:
  TypedWrite(const Clock& clock, Body<T> body, std::optional<RecordedAnswer<T>> keep, Settled<T> settled,
             Done<T> done)
      : DecidedWrite<T, LedgerWrite>(clock, std::move(keep), std::move(settled), std::move(done)),
        body_(std::move(body)) {}
  void run(WriteTransaction& transaction) override { this->result_.emplace(body_(transaction)); }

 private:
  Body<T> body_;
};

}  // namespace rankloop::storage::sqlite
