// What the routes of the domain need of the process that serves it. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "domain/domain.h"
#include "error/result.h"

namespace rankloop::http {

struct DomainState {
  std::string file;     // where the next start reads it from; empty: it is built in
  bool in_use = false;  // the store holds what the domain gives a meaning, so that it may only be added to
  std::string refusal;  // why it cannot be changed from here, for people; empty: it can
  std::string fault;    // why the last change was taken back; empty: it was not
};

class DomainControl {
 public:
  virtual ~DomainControl() = default;
  // Blocks: it asks the store.
  virtual Result<DomainState> state() = 0;
  // Keeps `wanted` for the next start and lets it take the place of the domain that is served, as soon as
  // what is under way is answered. Blocks: it writes to the disk. kFailedPrecondition: not on this server,
  // not to this domain, or not from this file; kAborted: another change is under way.
  virtual Status change(std::shared_ptr<const Domain> wanted, std::string_view actor) = 0;
};

}  // namespace rankloop::http
