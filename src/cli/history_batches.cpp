// Sends batches, and gives lines the numbers that they have in the file.
#include "cli/history_batches.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rankloop::cli {
namespace {

constexpr std::size_t kBatchRequests = 500;
constexpr std::size_t kBatchBytes = 1U << 20;

}  // namespace

SendHistory into_store(app::History& history, const app::HistoryOptions& options, std::stop_token stop) {
  return [&history, options, stop = std::move(stop)](std::string_view lines, Imported& imported) -> Status {
    auto report = history.import(lines, options, stop);
    if (!report) return report.error();
    imported.requests += report->requests;
    imported.repeated += report->repeated;
    imported.bad_lines = std::move(report->bad);
    for (const app::UnknownName& each : report->unknown) imported.unknown.add(each.name, each.count);
    return {};
  };
}

Status HistoryBatches::add(std::string_view line, std::size_t number) {
  lines_ += line;
  lines_ += '\n';
  numbers_.push_back(number);
  return numbers_.size() >= kBatchRequests || lines_.size() >= kBatchBytes ? flush() : Status{};
}

Status HistoryBatches::flush() {
  if (lines_.empty()) return {};
  Status sent = send_(lines_, imported_);
  Error error = sent ? Error{} : sent.error();
  for (FieldFault& fault : error.faults) name_line(fault);
  for (app::BadRow& bad : std::exchange(imported_.bad_lines, {})) {
    if (sent && bad.line >= 1 && bad.line <= numbers_.size())
      sent = imported_.bad.add(numbers_[bad.line - 1], std::move(bad.reason), false);
    if (!sent && error.message.empty()) error = sent.error();
  }
  lines_.clear();
  numbers_.clear();
  if (sent) return {};
  return error;
}

// The batch counts its own lines, "line 3"; people know those of the file.
void HistoryBatches::name_line(FieldFault& fault) const {
  constexpr std::string_view kLine = "line ";
  if (fault.loc.empty() || !fault.loc.front().starts_with(kLine)) return;
  const std::string_view digits = std::string_view{fault.loc.front()}.substr(kLine.size());
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (number >= 1 && number <= numbers_.size())
    fault.loc.front() = std::string{kLine} + std::to_string(numbers_[number - 1]);
}

std::vector<app::BadRow> sorted_bad_rows(Imported& imported) {
  std::vector<app::BadRow> bad = imported.bad.take();
  std::stable_sort(bad.begin(), bad.end(),
                   [](const app::BadRow& a, const app::BadRow& b) { return a.line < b.line; });
  return bad;
}

}  // namespace rankloop::cli
