// What every store answers when a task, a request or the catalog does not allow what was asked, and by which
// rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "domain/task.h"
#include "error/result.h"
#include "storage/records.h"

namespace rankloop::storage {

// Why a task is expired.
inline constexpr std::string_view kExpired = "expired before it began";

inline bool is_later(const std::optional<WallTime>& moment, WallTime now) {
  return moment && *moment > now;
}

inline Error lease_lost(const TaskId& task) {
  return {ErrorCode::kAborted, "The lease on task " + task.to_string() + " is no longer held"};
}
inline Error unknown_task() {
  return {ErrorCode::kNotFound, "Task not found"};
}
inline Error unknown_inference(InferenceId id) {
  return {ErrorCode::kNotFound, "No inference has the number " + std::to_string(id.value)};
}
inline Error event_is_there(const std::string& event_id) {
  return {ErrorCode::kAlreadyExists, "The event " + event_id + " was told before"};
}
inline Error without_results(InferenceId id) {
  return {ErrorCode::kFailedPrecondition, "Inference " + std::to_string(id.value) + " has no results yet"};
}
inline Error catalog_changed_meanwhile(std::int64_t version) {
  return {ErrorCode::kAborted,
          "The catalog has changed meanwhile: its version is " + std::to_string(version)};
}
inline Error never_shown() {
  return {ErrorCode::kFailedPrecondition, "The picked item was never shown"};
}
// `what`: "cannot be cancelled".
inline Error not_now(const char* what, const TaskRecord& task) {
  return {ErrorCode::kFailedPrecondition,
          "Task " + task.id.to_string() + " " + what + ": it is " + std::string(name_of(task.state))};
}
// Of the kind there is one task at a time.
inline Error kind_is_open(std::string_view kind) {
  return {ErrorCode::kFailedPrecondition, "A " + std::string(kind) + " is already waiting or running"};
}
inline Error task_is_there() {
  return {ErrorCode::kAlreadyExists, "A task with this id exists"};
}
inline Error too_many_wait() {
  return {ErrorCode::kResourceExhausted, "Too many tasks are waiting; try again later"};
}

}  // namespace rankloop::storage
