#include "domain/domain.h"

namespace rankloop {
Status check_domain_change(const Domain& stored, const Domain& wanted) {
  if (stored.fingerprint == wanted.fingerprint) return {};
  return Error{ErrorCode::kFailedPrecondition, "the domain has changed"};
}
}  // namespace rankloop
