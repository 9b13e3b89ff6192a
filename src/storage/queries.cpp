// Takes the SQL texts that are part of the binary apart, and writes their parameters as a dialect does.
#include "storage/queries.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "embedded_sql.h"

namespace rankloop::storage {
namespace {

constexpr std::string_view kMark = "-- name: ";
constexpr std::string_view kSqlite = "sqlite";
constexpr std::string_view kPostgres = "postgres";

// To SQLite $1 is any name, and ?1 the first parameter.
std::string with_question_marks(std::string_view text) {
  std::string turned(text);
  for (std::size_t at = 0; at + 1 < turned.size(); ++at) {
    if (turned[at] == '$' && std::isdigit(static_cast<unsigned char>(turned[at + 1])) != 0) turned[at] = '?';
  }
  return turned;
}

[[noreturn]] void end(const char* fault, std::string_view name) {
  std::fprintf(stderr, "%s: %.*s\n", fault, static_cast<int>(name.size()), name.data());
  std::abort();
}

}  // namespace

Queries::Queries(std::string_view folder) {
  const bool question_marks = folder == kSqlite;
  add_folder(folder, question_marks);
  if (folder == kSqlite || folder == kPostgres) add_folder("shared", question_marks);
}

void Queries::add_folder(std::string_view folder, bool question_marks) {
  const std::string path = "db/queries/" + std::string(folder) + "/";
  for (const EmbeddedFile& file : embedded_sql()) {
    if (file.path.starts_with(path)) add_file(file.bytes, question_marks);
  }
}

void Queries::add_file(std::string_view bytes, bool question_marks) {
  for (std::size_t at = bytes.find(kMark); at != std::string_view::npos;) {
    const std::size_t name_begin = at + kMark.size();
    const std::size_t name_end = bytes.find('\n', name_begin);
    if (name_end == std::string_view::npos) return;
    const std::size_t next = bytes.find(kMark, name_end);
    const std::string_view name = bytes.substr(name_begin, name_end - name_begin);
    const std::string_view text =
        bytes.substr(name_end + 1, next == std::string_view::npos ? next : next - name_end - 1);
    if (!texts_.emplace(name, question_marks ? with_question_marks(text) : std::string(text)).second) {
      end("a query is declared twice", name);
    }
    at = next;
  }
}

std::string_view Queries::text(std::string_view name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) end("no query is declared", name);
  return found->second;
}

}  // namespace rankloop::storage
