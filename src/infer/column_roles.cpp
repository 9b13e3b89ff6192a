// Chooses columns by their names, and by what must hold for them.
#include "infer/column_roles.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>
#include <utility>

#include "domain/item_keys.h"
#include "infer/column_name.h"
#include "infer/column_type.h"
#include "infer/event_roles.h"
#include "tables/header.h"

namespace rankloop::infer {
namespace {

constexpr double kLargestId = 9'007'199'254'740'991;  // 2^53 - 1

bool are_whole_numbers(const ColumnProfile& column) {
  return column.filled() > 0 && column.filled() == column.rows && column.whole == column.rows &&
         column.pointed + column.leading_zeros + column.negative == 0 && column.summary.least() >= 1 &&
         column.summary.largest() <= kLargestId;
}

// Whether each cell can be an item's key, however many bytes its characters have.
bool are_keys(const ColumnProfile& column) {
  constexpr std::size_t kBytesOfCharacter = 4;
  return column.rows > 0 && column.texts() == column.rows &&
         column.most_characters <= kLongestItemKey / kBytesOfCharacter;
}

// How much a name is that of the items' id.
int merit_as_id(const ColumnProfile& column, std::size_t place, std::string_view noun) {
  const NameWords name(column.name);
  const auto& words = name.all();
  if (words.size() == 1 && words[0] == "id") return 10;
  const bool of_items = name.say(Hint::kItem) || name.have(noun);
  const bool id = name.say(Hint::kId);
  if (of_items && id) return 9;
  if (name.say(Hint::kPerson) || name.say(Hint::kRequest)) return 0;
  if (id && !words.empty() && words.back() == "id") return 6;
  if (id && words.size() <= 2) return 5;
  const bool counted = name.have("no") || name.have("nr") || name.have("number") || name.have("index");
  return place == 0 && counted && words.size() == 1 ? 3 : 0;
}

}  // namespace

IdColumn id_of_items(const TableSample& items, std::string_view noun) {
  IdColumn id;
  int best = 0;
  std::optional<std::size_t> words;
  int best_words = 0;
  for (std::size_t i = 0; i < items.columns.size(); ++i) {
    const ColumnProfile& column = items.columns[i];
    const int merit = merit_as_id(column, i, noun);
    if (merit == 0 || column.texts() < column.rows) continue;
    if (!column.unique() || column.distinct_cut()) continue;
    if (are_whole_numbers(column) && merit > best) id.column = i, best = merit;
    if (!are_whole_numbers(column) && are_keys(column) && merit > best_words) words = i, best_words = merit;
  }
  if (best < 5 && best_words > best) id = {words, true};
  return id;
}

Result<IdColumn> id_named(const TableSample& items, const std::string& name) {
  const auto fault = [&](const std::string& what) {
    return Error{ErrorCode::kInvalidArgument, items.file + ": " + what};
  };
  const auto column = items.column(name);
  if (!column || *column >= items.columns.size()) {
    return fault("there is no column '" + name + "'" + tables::nearest_columns({name}, items.header) +
                 " The header has " + tables::listed(items.header));
  }
  const ColumnProfile& seen = items.columns[*column];
  const bool numbers = are_whole_numbers(seen);
  if (!numbers && !are_keys(seen)) {
    return fault("column '" + name +
                 "' has empty or too long cells; an id is a whole number from 1 on, or a text of " +
                 std::to_string(kLongestItemKey) + " bytes at most, in each row");
  }
  if (!seen.unique() || seen.distinct_cut())
    return fault("column '" + name + "' has the same cell in several rows; ids are each once");
  return IdColumn{column, !numbers};
}

namespace {

using Column = std::optional<std::size_t>;

// How much a name is that of whoever asks: "user_id", "userid", or "user" where there are many.
int person_named_by(const ColumnProfile& column) {
  constexpr std::size_t kMany = 10;
  const NameWords name(column.name);
  const auto& words = name.all();
  if (!name.say(Hint::kPerson)) return 0;
  if (words.size() == 1) return words[0].ends_with("id") ? 3 : column.distinct_cells() >= kMany ? 2 : 0;
  const std::string& last = words.back();
  const bool id = last == "id" || last == "key" || last == "uuid" || last == "hash";
  return id && NameWords(words[words.size() - 2]).say(Hint::kPerson) ? 3 : 0;
}

bool is_moment(const ColumnProfile& column) {
  const ColumnType type = type_of(column, {});
  return type.field.type == FieldType::kTime && type.field.epoch != Epoch::kMilliseconds;
}

// The column with the greatest merit, the first of equals; none where all are 0.
Column best_of(const TableSample& table, const std::function<int(std::size_t)>& merit) {
  Column best;
  int most = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const int each = merit(i);
    if (each > most) best = i, most = each;
  }
  return best;
}

class RoleFinder {
 public:
  RoleFinder(const TableSample& history, const TableSample& items, const IdColumn& ids, std::string_view noun)
      : history_(history),
        items_(items),
        ids_(ids),
        numbered_(!ids.column && history.header == items.header),
        noun_(noun) {}

  HistoryRoles find() {
    roles_.item = best_of(history_, [&](std::size_t i) { return merit_as_item(i); });
    roles_.request = best_of(history_, [&](std::size_t i) { return merit_as_request(i); });
    roles_.person = best_of(history_, [&](std::size_t i) { return merit_as_person(i); });
    roles_.moment = best_of(history_, [&](std::size_t i) { return merit_as_moment(i); });
    roles_.pick = best_of(history_, [&](std::size_t i) { return merit_as_pick(i); });
    roles_.position = best_of(history_, [&](std::size_t i) { return merit_as_position(i); });
    if (!roles_.request && roles_.person) {
      roles_.request = roles_.person;
      roles_.person_is_request = true;
      roles_.doubts.push_back("no column names the request: all rows of a person count as one");
    }
    describe_pick();
    if (!roles_.request)
      roles_.doubts.push_back("no column names the request of a row, as request_id or session");
    if (numbered_) roles_.item.reset();
    if (!roles_.item && !numbered_)
      roles_.doubts.push_back("no column holds the items' ids" +
                              std::string{ids_.texts ? "" : " as whole numbers"});
    if (!roles_.pick) roles_.doubts.push_back("no column says what was picked, as clicked or rating");
    return std::move(roles_);
  }

 private:
  const ColumnProfile& column(std::size_t i) const { return history_.columns[i]; }
  NameWords name(std::size_t i) const { return NameWords(history_.columns[i].name); }
  bool taken(std::size_t i) const {
    return i == roles_.item || i == roles_.request || i == roles_.person || i == roles_.moment ||
           i == roles_.pick;
  }

  int merit_as_item(std::size_t i) const {
    if (ids_.texts ? !are_keys(column(i)) : !are_whole_numbers(column(i))) return 0;
    if (ids_.column && column(i).name == items_.columns[*ids_.column].name) return 10;
    const NameWords words = name(i);
    if (words.say(Hint::kPosition) || words.say(Hint::kCount)) return 0;
    const bool of_items = words.say(Hint::kItem) || words.have(noun_);
    if (of_items && words.say(Hint::kId)) return 8;
    return of_items ? 5 : 0;
  }

  int merit_as_request(std::size_t i) const {
    if (taken(i) || column(i).texts() < column(i).rows || column(i).blanks > 0) return 0;
    const NameWords words = name(i);
    if (!words.say(Hint::kRequest)) return 0;
    const bool more = column(i).distinct_cells() < column(i).rows;
    if (words.say(Hint::kId) || words.all().back().ends_with("id")) return more ? 4 : 3;
    return words.all().size() == 1 && more ? 2 : 0;
  }

  int merit_as_person(std::size_t i) const {
    if (taken(i) || column(i).texts() == 0) return 0;
    return person_named_by(column(i));
  }

  int merit_as_moment(std::size_t i) const {
    if (taken(i)) return 0;
    const NameWords words = name(i);
    if (!is_moment(column(i))) return 0;
    if (column(i).name == "at" || words.have("timestamp")) return 3;
    return words.say(Hint::kTime) ? 2 : 1;
  }

  int merit_as_pick(std::size_t i) const {
    const ColumnProfile& seen = column(i);
    if (taken(i) || seen.filled() < seen.rows || seen.negative > 0) return 0;
    if (seen.numbers < seen.rows && seen.flags < seen.rows) return 0;
    const NameWords words = name(i);
    if (!words.say(Hint::kPick)) return 0;
    if (items_.column(seen.name)) return 1;  // what items have: their own stars
    if (seen.flags == seen.rows) return 4;
    return words.say(Hint::kRating) ? 2 : 3;
  }

  int merit_as_position(std::size_t i) const {
    const ColumnProfile& seen = column(i);
    if (taken(i) || seen.whole < seen.rows) return 0;
    return name(i).say(Hint::kPosition) ? 1 : 0;
  }

  void describe_pick() {
    if (!roles_.pick) return;
    const ColumnProfile& seen = column(*roles_.pick);
    const bool rated = name(*roles_.pick).say(Hint::kRating) && seen.flags < seen.rows;
    roles_.pick_kind = seen.flags == seen.rows ? "a flag" : rated ? "a rating" : "a count";
    if (rated)
      roles_.doubts.push_back("ratings count as weights of picks: 4 stars are four people, 0 is none");
    if (seen.numbers == seen.rows && seen.summary.least() > 0)
      roles_.doubts.push_back(
          "every row was picked: what was shown and not picked is not there to learn from");
  }

  const TableSample& history_;
  const TableSample& items_;
  const IdColumn ids_;
  const bool numbered_;  // both are one table, whose rows are numbered
  const std::string_view noun_;
  HistoryRoles roles_;
};

// Goes over the rows of requests.
class RequestWalk {
 public:
  RequestWalk(HistoryRoles& roles, std::size_t columns) : roles_(roles), first_(columns) {
    roles_.constant.assign(columns, true);
    roles_.lone = true;
  }

  void take(std::span<const std::string_view> cells) {
    const std::string_view request = cells[*roles_.request];
    if (!begun_ || request != request_) return begin(cells, request);
    roles_.lone = false;
    for (std::size_t i = 0; i < first_.size(); ++i) {
      if (roles_.constant[i] && std::hash<std::string_view>{}(cells[i]) != first_[i])
        roles_.constant[i] = false;
    }
  }

 private:
  void begin(std::span<const std::string_view> cells, std::string_view request) {
    constexpr std::size_t kMostRequests = 4'000'000;
    begun_ = true;
    request_ = request;
    const bool first =
        seen_.size() >= kMostRequests || seen_.insert(std::hash<std::string_view>{}(request)).second;
    roles_.together &= first;
    for (std::size_t i = 0; i < first_.size(); ++i) first_[i] = std::hash<std::string_view>{}(cells[i]);
  }

  HistoryRoles& roles_;
  bool begun_ = false;
  std::string request_;
  std::vector<std::size_t> first_;  // hashes of the request's first row
  std::unordered_set<std::size_t> seen_;
};

void judge_walk(HistoryRoles& roles) {
  if (!roles.together)
    roles.doubts.push_back("the rows of a request do not stand together: sort the table by that column");
  if (roles.lone) roles.doubts.push_back("every request has a single row: nothing was shown beside it");
  if (roles.person && !roles.constant[*roles.person]) {
    roles.doubts.push_back("the person changes within a request, and is left out");
    roles.person.reset();
  }
  if (roles.moment && !roles.constant[*roles.moment]) {
    roles.doubts.push_back("the moment changes within a request, and is left out");
    roles.moment.reset();
  }
}

}  // namespace

std::string_view HistoryRoles::role_of(std::size_t column) const {
  if (column == request) return "request";
  if (column == person) return "person";
  if (column == moment) return "moment";
  if (column == item) return "item";
  if (column == pick) return "pick";
  if (column == position) return "position";
  return {};
}

Result<HistoryRoles> roles_of_history(const SourceTable& table, const Options& options,
                                      const TableSample& history, const TableSample& items,
                                      const IdColumn& ids, std::string_view noun) {
  HistoryRoles roles = RoleFinder(history, items, ids, noun).find();
  roles.constant.assign(history.columns.size(), false);
  if (options.events && !has_lists(roles, history)) return as_events(std::move(roles), history);
  if (!roles.request) return roles;
  RequestWalk walk(roles, history.columns.size());
  const Status gone = each_row(table, options, history, [&](const SampleRow& row) { walk.take(row.cells); });
  if (!gone) return gone.error();
  if (options.events && !has_lists(roles, history)) return as_events(std::move(roles), history);
  judge_walk(roles);
  return roles;
}

bool names_request_or_person(const ColumnProfile& column) {
  const NameWords name(column.name);
  const bool id = name.say(Hint::kId) || (!name.all().empty() && name.all().back().ends_with("id"));
  if (person_named_by(column) > 0) return true;
  return id && (name.say(Hint::kRequest) || column.unique());
}

}  // namespace rankloop::infer
