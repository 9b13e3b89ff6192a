// Picks an item and a task of this server for the examples.
#include "http/routes/examples.h"

#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace rankloop::http {

namespace json = boost::json;

namespace {

// In quotes where it has what separates cells, or quotes.
std::string text_cell(std::string_view text) {
  if (text.find_first_of(",\t\"") == std::string_view::npos) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string cell(const json::value& value) {
  if (value.is_string()) return text_cell(value.get_string());
  if (!value.is_array()) return json::serialize(value);
  std::string list;
  for (const json::value& element : value.get_array())
    list += (list.empty() ? "" : ";") + json::serialize(element);
  return list;
}

std::string table(const json::object& row, std::string_view separator) {
  std::string names;
  std::string cells;
  for (const auto& [name, value] : row) {
    if (!names.empty()) {
      names += separator;
      cells += separator;
    }
    names += std::string_view{name.data(), name.size()};
    cells += cell(value);
  }
  return names + "\n" + cells + "\n";
}

// An id that an item may have.
json::value no_item_yet(const Domain& domain) {
  if (domain.item_id_type == ItemIdType::kText) return json::value(domain.item.one + "-1");
  return 1;
}

}  // namespace

ExampleItem example_item(const Services& services) {
  const std::vector<ItemId> ids = services.app.serving.current()->catalog->ids_after({0}, 1);
  if (ids.empty()) return {.id = no_item_yet(services.domain), .fields = {}};
  ExampleItem example{services.app.serving.item_names().value(ids.front()), {}};
  const Result<app::Item> item = services.app.catalog.get(ids.front());
  if (!item) return example;
  boost::system::error_code fault;
  json::value stored = json::parse(item->payload, fault);
  if (!fault && stored.is_object()) example.fields = std::move(stored.get_object());
  return example;
}

std::vector<std::string> import_examples(const Domain& domain, const ExampleItem& item) {
  json::object row{{domain.item_id_field, item.id}};
  if (const auto fields = item_example(domain, item)) {
    for (const auto& [name, value] : *fields) row[name] = value;
  }
  const std::string line = json::serialize(row) + "\n";
  return {table(row, ","), table(row, "\t"), line, line};
}

std::string history_example(const Domain& domain, const ExampleItem& item) {
  json::object line{{"id", "order-17"},
                    {"request", request_example(domain, item).value_or(json::object{})},
                    {"shown", json::array{item.id}},
                    {"picked", json::array{item.id}}};
  return json::serialize(line) + "\n";
}

}  // namespace rankloop::http
