// Gathers bad rows and words why they are bad.
#include "app/bad_rows.h"

#include <algorithm>

#include "domain/schema_names.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kReasonBytes = 300;

Error too_many(std::size_t most, std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          "more than " + std::to_string(most) + " rows " + std::string{what} + "; is it the right file?"};
}

}  // namespace

bool begins_as_bad_row(std::string_view first, std::string_view second, const Schema& schema) {
  return first == kBadLine && second == kBadReason && !knows(schema, kBadLine) && !knows(schema, kBadReason);
}

bool begins_as_bad_row(const boost::json::object& object, const Schema& schema) {
  if (object.size() < 2) return false;
  const auto first = object.begin()->key();
  const auto second = (object.begin() + 1)->key();
  return begins_as_bad_row({first.data(), first.size()}, {second.data(), second.size()}, schema);
}

std::string reason_of(const Error& error, std::size_t place) {
  std::string text = error.faults.empty() ? error.message : "";
  for (const FieldFault& fault : error.faults) {
    if (text.size() > kReasonBytes) break;
    if (!text.empty()) text += "; ";
    for (std::size_t i = place; i < fault.loc.size(); ++i)
      text += fault.loc[i] + (i + 1 < fault.loc.size() ? "." : ": ");
    text += fault.msg;
  }
  if (!is_utf8(text)) std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  if (text.size() <= kReasonBytes) return text;
  return std::string{utf8_prefix(text, kReasonBytes)} + "...";
}

Status BadRows::add(std::size_t line, std::string reason, bool unreadable) {
  if (unreadable && ++unreadable_ > kMostUnreadableRows)
    return too_many(kMostUnreadableRows, "cannot be told apart");
  if (rows_.size() == kMostBadRows) return too_many(kMostBadRows, "are bad");
  rows_.push_back({line, std::move(reason)});
  return {};
}

boost::json::array to_json(const std::vector<BadRow>& rows) {
  boost::json::array array;
  array.reserve(rows.size());
  for (const BadRow& row : rows)
    array.push_back(boost::json::object{{"line", row.line}, {"reason", row.reason}});
  return array;
}

}  // namespace rankloop::app
