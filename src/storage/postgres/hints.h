// What processes on one database tell each other, as payloads of NOTIFY: "<origin> <hint>,<hint>..." where
// origin is the sender's 16 hex digits and a hint one of
//   r<kind><id>   the task is ready        c<state><id>  the task is in that state now (ids as 32 hex digits)
//   k<version>    the catalog's version    m<version>    the registry's version
// A kind is one sign: '0' and those that follow it.
// Hints may be lost, doubled and reordered. What is not understood is ignored: another version may have sent
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "domain/task.h"
#include "storage/store.h"

namespace rankloop::storage::postgres {

std::string ready_hint(TaskKind kind, const TaskId& id);
std::string changed_hint(const TaskId& id, TaskState state);
std::string catalog_hint(std::int64_t version);
std::string registry_hint(std::int64_t version);

// As few payloads as PostgreSQL's limit of 8,000 bytes allows; without what the listener tells others by
// itself.
std::vector<std::string> pack_hints(std::string_view origin, const std::vector<std::string>& hints,
                                    const StoreListener& listener);
// Tells the listener what another sender than `origin` says.
void unpack_hints(std::string_view payload, std::string_view origin, StoreListener& listener);

}  // namespace rankloop::storage::postgres
