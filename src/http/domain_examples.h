// Examples of what a domain's clients send: values in their ranges, presets, and what an item that exists
// has.
#pragma once

#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "domain/domain.h"

namespace rankloop::http {

// An item that exists, for whoever reads the API description.
struct ExampleItem {
  boost::json::value id = 1;   // an int64 or a text
  boost::json::object fields;  // as stored; empty when there is none
};

// The fields of an item that the domain takes: those of `existing`, or made up. Nothing when none were found.
std::optional<boost::json::object> item_example(const Domain& domain, const ExampleItem& existing);

// A request that the domain takes and that `existing` may be ranked for, as far as one was found.
std::optional<boost::json::object> request_example(const Domain& domain, const ExampleItem& existing);

}  // namespace rankloop::http
