// Tables of AMQP (headers, arguments of queues) from JSON and back.
#pragma once

#include <amqp.h>
#include <boost/json/object.hpp>

namespace rankloop::queue::rabbitmq {

// An AMQP table over the texts of a JSON object, which has to outlive it.
class Table {
 public:
  explicit Table(const boost::json::object& fields);
  ~Table() { empty_amqp_pool(&pool_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const amqp_table_t& get() const { return table_; }

 private:
  amqp_table_t table_of(const boost::json::object& fields);
  amqp_field_value_t value_of(const boost::json::value& value);

  amqp_pool_t pool_{};
  amqp_table_t table_{};
};

// Bytes become texts (invalid UTF-8 becomes null), moments become seconds, what JSON has no type for becomes
// null.
boost::json::object to_json(const amqp_table_t& table);

inline amqp_bytes_t bytes_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};  // the library reads only
}
inline std::string_view text_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

}  // namespace rankloop::queue::rabbitmq
