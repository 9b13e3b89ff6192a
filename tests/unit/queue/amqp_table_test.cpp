// Headers of foreign messages, as JSON.
#include "queue/rabbitmq/amqp_table.h"

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace rankloop::queue::rabbitmq {
namespace {

amqp_table_entry_t entry(std::string_view key, amqp_field_value_t value) {
  return {bytes_of(key), value};
}

amqp_field_value_t number(int value) {
  amqp_field_value_t field{};
  field.kind = AMQP_FIELD_KIND_I32;
  field.value.i32 = value;
  return field;
}

TEST(AmqpTable, LeavesFieldsBeyondItsBoundOut) {
  std::vector<std::string> keys;
  for (int i = 0; i < 3'000; ++i) keys.push_back("key " + std::to_string(i));
  std::vector<amqp_table_entry_t> entries;
  for (const std::string& key : keys) entries.push_back(entry(key, number(7)));
  const amqp_table_t table{static_cast<int>(entries.size()), entries.data()};
  const boost::json::object fields = to_json(table);
  EXPECT_EQ(fields.size(), 1'024U);
  EXPECT_EQ(fields.at("key 1023"), 7);
}

TEST(AmqpTable, LeavesWhatIsNestedTooDeepOut) {
  constexpr std::size_t kLevels = 5'000;
  std::vector<amqp_table_entry_t> levels(kLevels);
  levels.back() = entry("in", number(1));
  for (std::size_t i = kLevels - 1; i > 0; --i) {
    amqp_field_value_t field{};
    field.kind = AMQP_FIELD_KIND_TABLE;
    field.value.table = {1, &levels[i]};
    levels[i - 1] = entry("in", field);
  }
  boost::json::value inner = to_json(amqp_table_t{1, levels.data()});
  std::size_t depth = 0;
  while (inner.is_object()) {
    boost::json::value next = inner.get_object().at("in");
    inner = std::move(next);
    ++depth;
  }
  EXPECT_TRUE(inner.is_null());
  EXPECT_LT(depth, 40U);
}

}  // namespace
}  // namespace rankloop::queue::rabbitmq
