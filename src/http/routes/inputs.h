// Reading parameters and bodies: every fault of a request is gathered and answered at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "app/serve/item_names.h"
#include "domain/body_reader.h"
#include "domain/declared_inputs.h"
#include "domain/ids.h"
#include "domain/ranking.h"
#include "error/result.h"
#include "http/await.h"
#include "http/described_inputs.h"
#include "http/message.h"
#include "http/route.h"

namespace rankloop::http {

class QueryReader {
 public:
  explicit QueryReader(const Request& request) : request_(request) {}

  std::int64_t read(const NumberInput& input);  // absent: its preset
  std::optional<std::int64_t> read_if_given(const NumberInput& input);
  std::optional<double> read_if_given(const RealInput& input);     // refused outside its bounds
  bool read(const FlagInput& input);                               // absent: false
  std::optional<std::string_view> read(const ChoiceInput& input);  // absent: its preset
  std::string read(const TextInput& input);                        // absent: its preset, or empty
  std::optional<TaskId> read(const TaskInput& input);              // absent: nothing
  // Longer than the most that is waited counts as that. Absent: nothing.
  std::optional<std::chrono::milliseconds> read(const DurationInput& input);
  // A task that must be named. Nothing, and no fault: the text is no id, so no task has it.
  std::optional<TaskId> required(const TaskInput& input);
  void fault(std::string_view name, std::string message, std::string type);

  Status status() const;  // kInvalidArgument with every fault so far

 private:
  const Request& request_;
  std::vector<FieldFault> faults_;
};

// The value of a {placeholder}: a path begins with its task and ends with its number. Anything that cannot be
// an id is simply not there: kNotFound with `what`.
Result<TaskId> task_in_path(const Request& request);
Result<std::int64_t> number_in_path(const Request& request, std::string_view what);

// Likewise the id of an item at the path's end, of which there need not be one.
Result<ItemName> item_in_path(const Request& request, ItemIdType type, std::string_view what);

// The JSON body; for routes of at most kSmallBody bytes. kInvalidArgument.
Result<boost::json::value> json_body(const Request& request);
Result<boost::json::value> json_of(std::string_view body);

// Names the fields that nobody reads in a header of the answer.
void tell_ignored(Response& response, std::span<const std::string> names);
// Candidates that were not ranked, in a header of an answer that has no other place for them.
void tell_left_out(Response& response, app::ItemNames& names, std::span<const LeftOut> left_out);

// What `use(body)` makes of the JSON body, a Result<T>; a long body is read and used on the pool.
// kInvalidArgument, and what blocking_result and `use` answer. Takes the body; `use` is copied and may
// outlive the handler.
template <class T, class Use>
boost::asio::awaitable<Result<T>> read_json(BlockingPool& pool, Request& request, Use use) {
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  const auto read = [text, use = std::move(use)]() -> Result<T> {
    Result<boost::json::value> body = json_of(*text);
    if (!body) return body.error();
    return use(*body);
  };
  if (text->size() <= kSmallBody) co_return read();
  co_return co_await blocking_result<T>(pool, read);
}

}  // namespace rankloop::http
