// What a policy's value came to, as a table for people.
#pragma once

#include <string>

#include <boost/json/object.hpp>

namespace rankloop::cli {

struct PolicyTableTerms {
  double confidence = 0.95;
  double clip = 10;
};

// `report`: what ml::to_json makes of a ml::PolicyReport.
std::string policy_table(const boost::json::object& report, const PolicyTableTerms& terms);

}  // namespace rankloop::cli
