// Answers that are long, or made from much: read and written as text on a thread of their own.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "http/await.h"
#include "http/message.h"
#include "http/routes/services.h"

namespace rankloop::http {

// The text that `write` makes of what `read` answers. Both are copied and may outlive the handler.
template <class Read, class Write>
boost::asio::awaitable<Result<std::string>> blocking_text(Services& services, Read read, Write write) {
  return blocking_result<std::string>(
      services.lists, [read = std::move(read), write = std::move(write)]() mutable -> Result<std::string> {
        auto value = read();
        if (!value) return value.error();
        return write(*value);
      });
}

inline Response text_response(Result<std::string> text) {
  return text ? json_response(*std::move(text)) : error_response(text.error());
}

}  // namespace rankloop::http
