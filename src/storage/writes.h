// How writes of the store are answered.
//
// Writes are asynchronous: they are queued to one group-commit writer, run in order of arrival, each in a
// savepoint of a shared transaction, and answered after its commit. `done` is called exactly once, on the
// writer's thread, or on the caller's own when the write is refused before it is queued; it must be short and
// must not block or throw. Errors every write can end with: kUnavailable (the disk is full or failing, or the
// store is closing; nothing of the write is there), kResourceExhausted (too many writes wait).
//
// Reads are synchronous, never wait for writes, and may touch the disk: call them from a bounded pool, not
// from an I/O thread, except where a comment says that a call answers from memory. All calls are thread-safe.
// Where a single thing is asked for and is not there, a read answers kNotFound.
#pragma once

#include <functional>

#include "error/result.h"

namespace rankloop::storage {

template <class T>
using Done = std::function<void(Result<T>)>;

}  // namespace rankloop::storage
