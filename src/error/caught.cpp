// Which Error an exception becomes.
#include "error/caught.h"

#include <exception>
#include <new>

namespace rankloop {

Error out_of_memory() {
  return {ErrorCode::kResourceExhausted, "There is not enough memory for this at the moment"};
}

Error caught() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& thrown) {
    return {ErrorCode::kInternal, "internal error", thrown.what()};
  } catch (...) {
    return {ErrorCode::kInternal, "internal error", "an exception of an unknown kind"};
  }
}

}  // namespace rankloop
