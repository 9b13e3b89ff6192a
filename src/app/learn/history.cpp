// The import of history: checked line by line, written in portions.
#include "app/learn/history.h"

#include <algorithm>
#include <future>
#include <span>
#include <string>
#include <utility>

#include "app/learn/history_line.h"
#include "domain/utf8.h"
#include "tables/row_reader.h"

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
          {"unknown", to_json(std::span{report.unknown})},
          {"bad_rows", report.bad.size()},
          {"bad", to_json(report.bad)},
          {"encoding", tables::name_of(report.encoding)},
          {"compression", tables::name_of(report.compression)}};
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

namespace {

// The request of a line; how it is encoded is looked at first.
Result<storage::ImportedRequest> read_line(const HistoryContext& context, const tables::LineReader& reader,
                                           tables::Encoding encoding, UnknownNames& unknown) {
  const bool whole = reader.text().size() <= tables::kMaxRowBytes;
  if (whole && !is_utf8(reader.text())) {
    return invalid_fields(
        {{{"line " + std::to_string(reader.line())}, tables::not_utf8(encoding), "encoding"}});
  }
  return read_history_line(context, reader.text(), reader.line(), unknown);
}

}  // namespace

Status History::each_line(const tables::Bytes& lines, const HistoryOptions& options, UnknownNames& unknown,
                          const std::stop_token& stop, HistoryReport& report, const Visit& visit) const {
  Result<tables::Text> text = tables::open_text(lines, options.text);
  if (!text) return text.error();
  report.encoding = text->encoding;
  report.compression = text->compression;
  const std::shared_ptr<const ServedModels> state = serving_.current();
  const HistoryContext context{*domain_, domain_version_, *state->catalog, serving_.item_names().keys(),
                               clock_.wall()};
  std::vector<FieldFault> faults;
  BadRows bad;
  tables::LineReader reader{std::move(text->source)};
  while (faults.size() < kMaxHistoryFaults && reader.next()) {
    if (stop.stop_requested()) return stopped();
    Result<storage::ImportedRequest> request = read_line(context, reader, report.encoding, unknown);
    if (!request && request.error().faults.empty()) return request.error();
    Status done;
    if (request) {
      done = visit(*std::move(request), reader.line());
    } else if (options.skip_bad) {
      done = bad.add(reader.line(), reason_of(request.error(), 1), false);
    } else {
      const auto& more = request.error().faults;
      faults.insert(faults.end(), more.begin(), more.end());
      if (more.front().type == "encoding") break;  // what it takes to go on is the same for all lines
    }
    if (!done) return done;
  }
  if (!reader.status()) return reader.status();
  report.bad = bad.take();
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

Result<HistoryReport> History::import(const tables::Bytes& lines, const HistoryOptions& options,
                                      const std::stop_token& stop) {
  UnknownNames unknown;
  HistoryReport report;
  bool any = false;
  const Status checked =
      each_line(lines, options, unknown, stop, report, [&](const storage::ImportedRequest&, std::size_t) {
        any = true;
        return Status{};
      });
  if (!checked) return checked.error();
  if (!any && report.bad.empty())
    return Error(ErrorCode::kInvalidArgument, "there are no requests in the text");
  report.unknown_fields = unknown.total();
  const std::vector<std::string> names = history_names(*domain_);
  const std::vector<std::string_view> known{names.begin(), names.end()};
  report.unknown = unknown.told(known);
  if (options.strict && report.unknown_fields > 0)
    return Error(ErrorCode::kInvalidArgument, "not known here: " + in_words(report.unknown));

  Portions portions(*this);
  UnknownNames told_already;
  Status written = each_line(lines, options, told_already, stop, report,
                             [&](storage::ImportedRequest request, std::size_t line) {
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
