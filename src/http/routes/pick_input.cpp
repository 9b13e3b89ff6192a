// The body of a pick: declared, read and described.
#include "http/routes/pick_input.h"

#include <array>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "domain/body_reader.h"
#include "http/described_inputs.h"

namespace rankloop::http {
namespace {

constexpr std::int64_t kNoneChosen = -1;  // in place of an item's number

const TaskInput kTask{.name = "task_id", .help = "The task whose results were shown."};

ItemInput item_input(const Domain& domain, std::optional<std::string> example = {}) {
  return {.name = domain.item_id_field,
          .help = "The pick; -1: none chosen.",
          .type = domain.item_id_type,
          .instead = kNoneChosen,
          .example = std::move(example)};
}

}  // namespace

Result<PickInput> read_pick(const Domain& domain, const boost::json::value& body) {
  BodyReader reader{body};
  PickInput pick;
  pick.task = reader.read(kTask);
  ItemName item = reader.read(item_input(domain));
  if (const Status read = reader.status(); !read) return read.error();
  if (item.number.value != kNoneChosen) pick.choice = std::move(item);
  pick.ignored = reader.others(std::array<std::string_view, 2>{kTask.name, domain.item_id_field});
  return pick;
}

boost::json::object pick_schema(const Domain& domain, std::string_view name,
                                const boost::json::value& example) {
  boost::json::object properties;
  boost::json::array required;
  for (BodyMember& member :
       std::array{in_body(kTask), in_body(item_input(domain, boost::json::serialize(example)))}) {
    properties[member.name] = std::move(member.schema);
    required.emplace_back(member.name);
  }
  return {{"type", "object"},
          {"title", name},
          {"description", "What was picked among the results of a task."},
          {"properties", std::move(properties)},
          {"required", std::move(required)}};
}

}  // namespace rankloop::http
