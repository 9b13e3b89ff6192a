// What quickstart says of each of its steps: sentences for people, or a JSON object a line for machines.
#pragma once

#include <optional>
#include <string>

#include "cli/quickstart/contest.h"
#include "cli/quickstart/new_catalog.h"
#include "cli/quickstart/tables_in.h"
#include "server/application.h"

namespace rankloop::cli {

class ToldSteps {
 public:
  // Borrows the options.
  explicit ToldSteps(const QuickstartOptions& options) : options_(options) {}

  void domain(const NewCatalog& catalog) const;
  void items(const NewCatalog& catalog, const ItemsIn& items) const;
  void history(const NewCatalog& catalog, const HistoryIn& history) const;
  // Nothing: there is no history.
  void models(const std::optional<Contest>& contest) const;
  void ready(const server::ReadyInfo& info) const;
  // Where nothing is to be served.
  void end(const NewCatalog& catalog) const;

 private:
  void json(std::string_view step, boost::json::object members) const;

  const QuickstartOptions& options_;
};

// "rankloop serve --data-dir DIR"
std::string serve_command(const NewCatalog& catalog);

}  // namespace rankloop::cli
