// What the API description shows of this server's own catalog.
#pragma once

#include <string>
#include <vector>

#include "http/domain_examples.h"
#include "http/routes/services.h"

namespace rankloop::http {

// The first item there is, read from the store; without one, an id alone.
ExampleItem example_item(const Services& services);

// That item (or a made-up one) as the body of POST /items:import: CSV, TSV and twice JSON lines.
std::vector<std::string> import_examples(const Domain& domain, const ExampleItem& item);

// A line of POST /history:import.
std::string history_example(const Domain& domain, const ExampleItem& item);

}  // namespace rankloop::http
