// Experiments, their history, their reports and their requests as JSON, and the last as CSV too.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "app/watch/experiment_report.h"
#include "storage/experiments.h"

namespace rankloop::app {

// kDataLoss: its design is unknown.
Result<boost::json::object> to_object(const storage::ExperimentRecord& experiment);
boost::json::object to_object(const storage::ExperimentEvent& event);
// Of a record that this process wrote itself.
std::string record_json(const storage::ExperimentRecord& experiment);

std::string to_json(const std::vector<ListMetric>& metrics);
std::string to_json(const ExperimentReport& report);
std::string to_json(const std::vector<SegmentReport>& segments, const storage::ExperimentRecord& experiment,
                    std::string_view field);

// Requests as they are exported: who asked, who answered, what was picked, and the metrics of other kinds of
// feedback. Of interleaved arms none has a request alone: there the arm is left empty, and
// what both have of it follows. Borrows what it is made of.
class RequestRows {
 public:
  RequestRows(const storage::ExperimentRecord& experiment, std::span<const FeedbackRule> rules,
              RequestFormat format);

  std::string columns() const;  // the header of a table
  void append(std::string& out, const storage::ArmRequest& request) const;

 private:
  boost::json::object object_of(const storage::ArmRequest& request) const;

  const storage::ExperimentRecord& experiment_;
  const std::span<const FeedbackRule> rules_;
  const RequestFormat format_;
  const ListMetric picks_;
  const ListMetric value_;
  std::vector<ListMetric> metrics_;  // the others
};

}  // namespace rankloop::app
