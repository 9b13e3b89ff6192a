// An AMQP message as Celery uses it: the properties it sets, headers as JSON, and a body of bytes.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

namespace rankloop::queue::celery {

struct Message {
  std::string content_type = "application/json";
  std::string content_encoding = "utf-8";
  std::string correlation_id;
  std::string reply_to;
  std::string expiration;          // milliseconds as text; empty: none
  std::uint8_t delivery_mode = 2;  // 1 transient, 2 persistent
  std::uint8_t priority = 0;
  boost::json::object headers;
  std::string body;
};

}  // namespace rankloop::queue::celery
