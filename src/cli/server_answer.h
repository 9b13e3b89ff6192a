// What a server says when it does not do what a command asked, as an Error for people.
#pragma once

#include "client/http_client.h"
#include "error/result.h"

namespace rankloop::cli {

// Of an answer that is no success: each fault of a 422 by itself, otherwise the server's own sentence.
Error error_of(const client::Answer& answer);

}  // namespace rankloop::cli
