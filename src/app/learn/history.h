// History that another system collected: requests, what was shown, what was picked; to learn from.
//
// One request is one JSON object:
//   {"id": "r-17", "request": {the domain's request fields}, "shown": [item ids, best first], "picked":
//   [...],
//    "user_key": "...", "at": "2026-03-01T12:00:00Z", "propensities": [one for each item shown]}
// An item of "shown" may also be {"id": 7, "fields": {what held of it in this request}}, fields that the
// domain declares as [[candidate.field]]. "picked" holds item ids or {"item": id, "weight": n}, where n
// counts people; an empty list is the outcome "none chosen", no list is no outcome. With an "id" a request is
// imported once, however often it comes. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "app/bad_rows.h"
#include "app/serve/serving.h"
#include "app/unknown_names.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"
#include "tables/text.h"

namespace rankloop::app {

struct HistoryReport {
  std::int64_t requests = 0;         // imported
  std::int64_t repeated = 0;         // left out: imported before, under the same id
  std::int64_t unknown_fields = 0;   // keys that nobody knows, of all lines together
  std::vector<UnknownName> unknown;  // their names
  std::vector<BadRow> bad;           // lines that were passed over
  tables::Encoding encoding = tables::Encoding::kUtf8;
  tables::Compression compression = tables::Compression::kNone;
};

struct HistoryOptions {
  bool strict = false;    // keys that nobody knows are refused
  bool skip_bad = false;  // bad lines are passed over and told, instead of all being refused
  tables::TextOptions text{};
};

boost::json::object to_json(const HistoryReport& report);

class History {
 public:
  History(std::shared_ptr<const Domain> domain, int domain_version, storage::Store& store,
          const Serving& serving, const Clock& clock)
      : domain_(std::move(domain)),
        domain_version_(domain_version),
        store_(store),
        serving_(serving),
        clock_(clock) {}

  // JSON lines. Every line is checked before the first is written: kInvalidArgument names the lines and their
  // faults, a hundred at most, and with `strict` the keys that nobody knows; with `skip_bad` bad lines are
  // told in the report instead. Then they are written in
  // portions, so that others' writes wait for one portion and not for all. Where that ends early
  // (kUnavailable: stopped, or the store cannot write), the message says up to which line they are imported.
  Result<HistoryReport> import(const tables::Bytes& lines, const HistoryOptions& options = {},
                               const std::stop_token& stop = {});

 private:
  class Portions;
  using Visit = std::function<Status(storage::ImportedRequest, std::size_t line)>;
  // Reads and checks all lines. What is passed over, and how they are encoded and packed, goes into the
  // report.
  Status each_line(const tables::Bytes& lines, const HistoryOptions& options, UnknownNames& unknown,
                   const std::stop_token& stop, HistoryReport& report, const Visit& visit) const;
  Result<storage::ImportedCounts> write(std::vector<storage::ImportedRequest> requests);

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  storage::Store& store_;
  const Serving& serving_;
  const Clock& clock_;
};

}  // namespace rankloop::app
