// The import of history: checked line by line, written in portions.
#include "app/learn/history.h"

#include <algorithm>
#include <future>
#include <span>
#include <string>
#include <utility>

#include "app/learn/history_line.h"

namespace rankloop::app {
namespace {

// Of one portion: some ten milliseconds of the writer.
constexpr std::size_t kPortionRequests = 500;
constexpr std::size_t kPortionPicks = 2'000;

Error stopped() {
  return {ErrorCode::kUnavailable, "the import was stopped"};
}

}  // namespace

boost::json::object to_json(const HistoryReport& report) {
  return {{"requests", report.requests},
          {"repeated", report.repeated},
          {"unknown_fields", report.unknown_fields},
          {"unknown", to_json(std::span{report.unknown})}};
}

// Gathers requests and writes them when they are enough.
class History::Portions {
 public:
  explicit Portions(History& history) : history_(history) {}

  Status add(storage::ImportedRequest request, std::size_t line) {
    picks_ += request.feedback.size();
    requests_.push_back(std::move(request));
    last_line_ = line;
    return requests_.size() >= kPortionRequests || picks_ >= kPortionPicks ? flush() : Status{};
  }
  Status flush() {
    if (requests_.empty()) return {};
    const Result<storage::ImportedCounts> counts = history_.write(std::exchange(requests_, {}));
    picks_ = 0;
    if (!counts) return counts.error();
    counts_.requests += counts->requests;
    counts_.repeated += counts->repeated;
    written_line_ = last_line_;
    return {};
  }
  const storage::ImportedCounts& counts() const { return counts_; }
  std::size_t written_line() const { return written_line_; }

 private:
  History& history_;
  std::vector<storage::ImportedRequest> requests_;
  std::size_t picks_ = 0;
  std::size_t last_line_ = 0;
  std::size_t written_line_ = 0;
  storage::ImportedCounts counts_;
};

Status History::each_line(std::string_view lines, UnknownNames& unknown, const std::stop_token& stop,
                          const Visit& visit) const {
  const std::shared_ptr<const ServedModels> state = serving_.current();
  const HistoryContext context{*domain_, domain_version_, *state->catalog, clock_.wall()};
  std::vector<FieldFault> faults;
  for (std::size_t number = 1; !lines.empty() && faults.size() < kMaxHistoryFaults; ++number) {
    if (stop.stop_requested()) return stopped();
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Result<storage::ImportedRequest> request = read_history_line(context, line, number, unknown);
    if (!request && request.error().faults.empty()) return request.error();
    if (!request) {
      const auto& more = request.error().faults;
      faults.insert(faults.end(), more.begin(), more.end());
    } else if (Status visited = visit(*std::move(request), number); !visited) {
      return visited;
    }
  }
  if (faults.size() > kMaxHistoryFaults) faults.resize(kMaxHistoryFaults);
  if (!faults.empty()) return invalid_fields(std::move(faults));
  return {};
}

Result<storage::ImportedCounts> History::write(std::vector<storage::ImportedRequest> requests) {
  for (storage::ImportedRequest& request : requests)
    request.task = TaskId::make(request.at.time_since_epoch().count(), random_bits(), random_bits());
  std::promise<Result<storage::ImportedCounts>> written;
  store_.import_requests(
      std::move(requests), store_.catalog_version(),
      [&](Result<storage::ImportedCounts> outcome) { written.set_value(std::move(outcome)); });
  return written.get_future().get();
}

Result<HistoryReport> History::import(std::string_view lines, bool strict, const std::stop_token& stop) {
  UnknownNames unknown;
  bool any = false;
  const Status checked = each_line(lines, unknown, stop, [&](const storage::ImportedRequest&, std::size_t) {
    any = true;
    return Status{};
  });
  if (!checked) return checked.error();
  if (!any) return Error(ErrorCode::kInvalidArgument, "there are no requests in the text");
  HistoryReport report;
  report.unknown_fields = unknown.total();
  const std::vector<std::string> names = history_names(*domain_);
  const std::vector<std::string_view> known{names.begin(), names.end()};
  report.unknown = unknown.told(known);
  if (strict && report.unknown_fields > 0)
    return Error(ErrorCode::kInvalidArgument, "not known here: " + in_words(report.unknown));

  Portions portions(*this);
  UnknownNames told_already;
  Status written =
      each_line(lines, told_already, stop, [&](storage::ImportedRequest request, std::size_t line) {
        return portions.add(std::move(request), line);
      });
  if (written) written = portions.flush();
  report.requests = portions.counts().requests;
  report.repeated = portions.counts().repeated;
  if (written) return report;
  Error error = written.error();
  error.message += portions.written_line() == 0
                       ? "; nothing is imported"
                       : "; the lines up to " + std::to_string(portions.written_line()) + " are imported";
  return error;
}

}  // namespace rankloop::app
