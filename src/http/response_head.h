// The head of an answer, as it goes over the wire.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message.h"

namespace rankloop::http {

// How the end of a body shows.
enum class Framing { kLength, kChunked, kUntilClose };

// Appends status line, headers and the empty line. Fields a handler gives are written without control
// characters, so that no value can begin a header of its own.
void append_response_head(std::string& out, const Response& response, std::string_view request_id,
                          std::string_view date, Framing framing, bool keep_alive, bool http11);

// Appends what stands before a chunk: its size and the line's end.
void append_chunk_size(std::string& out, std::size_t size);

// The Date header's value for now, "Mon, 23 Nov 2026 16:00:00 GMT".
std::string http_date();

}  // namespace rankloop::http
