// A table that says more of the requests of a log, or of the people who made them: --requests.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cli/quickstart/log_reader.h"
#include "domain/domain.h"
#include "infer/infer_domain.h"

namespace rankloop::cli {

class RequestFacts {
 public:
  RequestFacts() = default;  // of no table

  // The table has the log's column of requests or of people, under the same name. Rows that the domain
  // refuses are counted and left out. kInvalidArgument: it has none of them, or more than a million rows.
  static Result<RequestFacts> read(const LogTable& table, const infer::HistoryColumnNames& log,
                                   const Domain& domain, const LogWatch& watch);

  std::size_t rows() const { return by_key_.size(); }
  std::size_t refused() const { return refused_; }
  // A line of history with what is known of its request, or of its person, where the line does not say it.
  std::string filled(std::string_view line) const;

 private:
  std::string_view key_member_;  // of a line of history: "id" or "user_key"
  std::map<std::string, boost::json::object, std::less<>> by_key_;
  std::size_t refused_ = 0;
};

}  // namespace rankloop::cli
