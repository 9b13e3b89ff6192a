// What an import of history did, for people and for machines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/bad_rows.h"
#include "app/unknown_names.h"
#include "domain/domain.h"
#include "tables/text.h"

namespace rankloop::cli {

struct Imported {
  std::int64_t requests = 0;
  std::int64_t repeated = 0;  // there already, under the same ids
  app::UnknownNames unknown;
  app::BadRows bad;
  std::vector<app::BadRow> bad_lines;  // of the batch that was sent last, by its own lines
  std::int64_t repeated_headers = 0;
  char separator = '\0';  // of a table
  std::size_t request_column = 0;
  std::string request_member;  // of rows that are lines of JSON
  tables::Encoding encoding = tables::Encoding::kUtf8;
  tables::Compression compression = tables::Compression::kNone;
  double seconds = 0;

  double requests_per_second() const {
    constexpr double kLeast = 1e-6;
    return static_cast<double>(requests + repeated) / std::max(seconds, kLeast);
  }
};

boost::json::object to_json(const Imported& imported, const std::vector<app::BadRow>& bad,
                            const Domain& domain);

// `file`: what was imported; `bad_rows_file`: where its bad rows are.
void tell(const Imported& imported, const std::vector<app::BadRow>& bad, const Domain& domain,
          const std::string& file, const std::string& bad_rows_file);

}  // namespace rankloop::cli
