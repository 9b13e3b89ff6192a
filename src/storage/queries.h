// The SQL texts of a store by name, as db/queries/ declares them: each text follows a line `-- name: xyz` and
// ends at the next such line. What all dialects say alike stands in db/queries/shared/, the rest in the
// dialect's own folder; no name stands in both.
//
// Parameters are written $1, $2 ... everywhere, and turned into what the dialect calls them here.
//
// Immutable after construction; views of texts live as long as this, views of names for ever.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace rankloop::storage {

class Queries {
 public:
  // "sqlite" or "postgres", with what is shared; any other folder of db/queries/ by itself.
  explicit Queries(std::string_view folder);

  // Every name used in the code is declared: an unknown one is a fault of ours and ends the program.
  std::string_view text(std::string_view name) const;
  const std::unordered_map<std::string_view, std::string>& all() const { return texts_; }

 private:
  void add_folder(std::string_view folder, bool question_marks);
  void add_file(std::string_view bytes, bool question_marks);

  std::unordered_map<std::string_view, std::string> texts_;
};

}  // namespace rankloop::storage
