// Experiments and what they say, as text for people.
#pragma once

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace rankloop::cli {

// Answers of GET /experiments, of one experiment, of its report, and of GET /experiments/size.
std::string experiments_text(const boost::json::array& experiments);
std::string experiment_text(const boost::json::object& experiment);
std::string report_text(const boost::json::object& report);
std::string size_text(const boost::json::object& size, bool interleaved);

}  // namespace rankloop::cli
