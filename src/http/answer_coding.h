// Which answers are sent compressed: JSON and other text of more than a packet or two, to who takes gzip.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "http/await.h"
#include "http/message.h"

namespace rankloop::http {

// Compresses `response` where that is wanted; a long one on the pool. Leaves it as it is when the pool is
// full.
boost::asio::awaitable<void> compress_answer(const Request& request, Response& response, BlockingPool& pool);

}  // namespace rankloop::http
