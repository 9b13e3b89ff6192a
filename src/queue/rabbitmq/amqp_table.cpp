// Tables in librabbitmq's memory pools.
#include "queue/rabbitmq/amqp_table.h"

#include <algorithm>
#include <limits>
#include <new>

#include <boost/json/value.hpp>

#include "domain/utf8.h"

namespace rankloop::queue::rabbitmq {
namespace {

namespace json = boost::json;

constexpr std::size_t kPage = 4'096;

template <class T>
T* allocate(amqp_pool_t& pool, std::size_t count) {
  if (count == 0) return nullptr;
  void* memory = amqp_pool_alloc(&pool, count * sizeof(T));
  if (!memory) throw std::bad_alloc{};
  return static_cast<T*>(memory);
}

json::value text_value(const amqp_bytes_t& bytes) {
  const std::string_view text = text_of(bytes);
  return is_utf8(text) ? json::value(text) : json::value{};
}

// Deeper tables and lists, and more fields of one table than these, are left out: whoever may publish chooses
// them, and keys can be chosen to share one place of an object's table.
constexpr int kMostDepth = 16;
constexpr int kMostFields = 1'024;

json::object object_of(const amqp_table_t& table, int depth);

json::value to_json(const amqp_field_value_t& field, int depth) {
  const bool nested = field.kind == AMQP_FIELD_KIND_TABLE || field.kind == AMQP_FIELD_KIND_ARRAY;
  if (nested && depth >= kMostDepth) return nullptr;
  switch (field.kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      return field.value.boolean != 0;
    case AMQP_FIELD_KIND_I8:
      return field.value.i8;
    case AMQP_FIELD_KIND_U8:
      return field.value.u8;
    case AMQP_FIELD_KIND_I16:
      return field.value.i16;
    case AMQP_FIELD_KIND_U16:
      return field.value.u16;
    case AMQP_FIELD_KIND_I32:
      return field.value.i32;
    case AMQP_FIELD_KIND_U32:
      return field.value.u32;
    case AMQP_FIELD_KIND_I64:
      return field.value.i64;
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
      return field.value.u64;
    case AMQP_FIELD_KIND_F32:
      return static_cast<double>(field.value.f32);
    case AMQP_FIELD_KIND_F64:
      return field.value.f64;
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      return text_value(field.value.bytes);
    case AMQP_FIELD_KIND_TABLE:
      return object_of(field.value.table, depth + 1);
    case AMQP_FIELD_KIND_ARRAY: {
      json::array list;
      for (int i = 0; i < field.value.array.num_entries; ++i)
        list.push_back(to_json(field.value.array.entries[i], depth + 1));
      return list;
    }
    default:
      return nullptr;
  }
}

json::object object_of(const amqp_table_t& table, int depth) {
  json::object fields;
  for (int i = 0; i < std::min(table.num_entries, kMostFields); ++i)
    fields[text_of(table.entries[i].key)] = to_json(table.entries[i].value, depth);
  return fields;
}

}  // namespace

Table::Table(const json::object& fields) {
  init_amqp_pool(&pool_, kPage);
  table_ = table_of(fields);
}

amqp_table_t Table::table_of(const json::object& fields) {
  amqp_table_t table{static_cast<int>(fields.size()), allocate<amqp_table_entry_t>(pool_, fields.size())};
  amqp_table_entry_t* entry = table.entries;
  for (const auto& field : fields) *entry++ = {bytes_of(field.key()), value_of(field.value())};
  return table;
}

// The types that Celery's own library picks: 32 bits for a small number, 64 for others.
amqp_field_value_t Table::value_of(const json::value& value) {
  amqp_field_value_t field{};
  switch (value.kind()) {
    case json::kind::null:
      field.kind = AMQP_FIELD_KIND_VOID;
      break;
    case json::kind::bool_:
      field.kind = AMQP_FIELD_KIND_BOOLEAN;
      field.value.boolean = value.get_bool() ? 1 : 0;
      break;
    case json::kind::int64:
    case json::kind::uint64: {
      const auto number = value.to_number<std::int64_t>();
      const bool small = number == static_cast<std::int32_t>(number);
      field.kind = small ? AMQP_FIELD_KIND_I32 : AMQP_FIELD_KIND_I64;
      if (small)
        field.value.i32 = static_cast<std::int32_t>(number);
      else
        field.value.i64 = number;
      break;
    }
    case json::kind::double_:
      field.kind = AMQP_FIELD_KIND_F64;
      field.value.f64 = value.get_double();
      break;
    case json::kind::string:
      field.kind = AMQP_FIELD_KIND_UTF8;
      field.value.bytes = bytes_of(value.get_string());
      break;
    case json::kind::array: {
      const json::array& list = value.get_array();
      field.kind = AMQP_FIELD_KIND_ARRAY;
      field.value.array = {static_cast<int>(list.size()), allocate<amqp_field_value_t>(pool_, list.size())};
      for (std::size_t i = 0; i < list.size(); ++i) field.value.array.entries[i] = value_of(list[i]);
      break;
    }
    case json::kind::object:
      field.kind = AMQP_FIELD_KIND_TABLE;
      field.value.table = table_of(value.get_object());
      break;
  }
  return field;
}

json::object to_json(const amqp_table_t& table) {
  return object_of(table, 0);
}

}  // namespace rankloop::queue::rabbitmq
