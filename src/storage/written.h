// Waiting for a write where nothing else is to be done meanwhile: in commands, and before a server serves.
#pragma once

#include <future>
#include <utility>

#include "error/result.h"

namespace rankloop::storage {

// Calls `begin` with the callback of a write and blocks until it is answered.
template <class T, class Begin>
Result<T> written(const Begin& begin) {
  std::promise<Result<T>> promise;
  begin([&promise](Result<T> outcome) { promise.set_value(std::move(outcome)); });
  return promise.get_future().get();
}

}  // namespace rankloop::storage
