// Where the columns of an answer stand, by their names.
#include "storage/columns.h"

namespace rankloop::storage {

Result<Positions> Positions::of(std::span<const std::string_view> names) {
  Positions found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == kUnread) continue;
    const std::size_t number = Column::number_of(names[i]);
    if (number == kColumns.size()) {
      return Error{ErrorCode::kInternal, "'" + std::string(names[i]) + "' is no name of a column"};
    }
    if (found.places_[number] != kNone) {
      return Error{ErrorCode::kInternal, "two columns are called '" + std::string(names[i]) + "'"};
    }
    found.places_[number] = static_cast<std::int16_t>(i);
  }
  return found;
}

}  // namespace rankloop::storage
