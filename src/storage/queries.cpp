#include "storage/queries.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "embedded_sql.h"

namespace rankloop::storage {
namespace {

constexpr std::string_view kMark = "-- name: ";

}  // namespace

Queries::Queries(std::string_view dialect) {
  const std::string folder = "db/queries/" + std::string(dialect) + "/";
  for (const EmbeddedFile& file : embedded_sql()) {
    if (file.path.starts_with(folder)) add_file(file.bytes);
  }
}

void Queries::add_file(std::string_view bytes) {
  for (std::size_t at = bytes.find(kMark); at != std::string_view::npos;) {
    const std::size_t name_begin = at + kMark.size();
    const std::size_t name_end = bytes.find('\n', name_begin);
    if (name_end == std::string_view::npos) return;
    const std::size_t next = bytes.find(kMark, name_end);
    texts_.emplace(bytes.substr(name_begin, name_end - name_begin),
                   bytes.substr(name_end + 1, next == std::string_view::npos ? next : next - name_end - 1));
    at = next;
  }
}

std::string_view Queries::text(std::string_view name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) {
    std::fprintf(stderr, "no query is named %.*s\n", static_cast<int>(name.size()), name.data());
    std::abort();
  }
  return found->second;
}

}  // namespace rankloop::storage
