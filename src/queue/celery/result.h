// Results of tasks as Celery's result back-ends keep them: one JSON object per task.
#pragma once

#include <string>
#include <string_view>

#include "queue/celery/moment.h"

namespace rankloop::queue::celery {

// `result` is JSON and goes in as it is.
std::string success_meta(std::string_view id, std::string_view result, Moment done);
// Raised again at the reader as an exception of Python's builtins, e.g. "ValueError".
std::string failure_meta(std::string_view id, std::string_view exception, std::string_view message,
                         Moment done);
std::string revoked_meta(std::string_view id, std::string_view reason, Moment done);

}  // namespace rankloop::queue::celery
