// The SQL texts of one dialect by name, as db/queries/<dialect>/*.sql declares them: each text follows a line
// `-- name: xyz` and ends at the next such line.
//
// Immutable after construction; the texts are part of the binary, so views of them stay valid.
#pragma once

#include <string_view>
#include <unordered_map>

namespace rankloop::storage {

class Queries {
 public:
  explicit Queries(std::string_view dialect);

  // Every name used in the code is declared: an unknown one is a fault of ours and ends the program.
  std::string_view text(std::string_view name) const;
  const std::unordered_map<std::string_view, std::string_view>& all() const { return texts_; }

 private:
  void add_file(std::string_view bytes);

  std::unordered_map<std::string_view, std::string_view> texts_;
};

}  // namespace rankloop::storage
