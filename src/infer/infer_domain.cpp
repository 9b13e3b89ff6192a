// Reads the samples, drafts the file, and lets every row of the samples go through it.
#include "infer/infer_domain.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "domain/domain.h"
#include "domain/schema_side.h"
#include "infer/column_roles.h"
#include "infer/domain_draft.h"
#include "infer/domain_text.h"
#include "infer/table_sample.h"

namespace rankloop::infer {
namespace {

constexpr int kMostRounds = 4;  // a field is refused twice at most, and a third round finds none

class Inference {
 public:
  Inference(const Sources& sources, const Options& options) : sources_(sources), options_(options) {}

  Result<Inferred> infer() {
    if (Status samples = read(); !samples) return samples.error();
    for (int round = 0; round < kMostRounds; ++round) {
      if (Status made = make(); !made) return made.error();
      auto refused = try_rows();
      if (!refused) return refused.error();
      if (!*refused) return finish();
    }
    return Error{ErrorCode::kInternal, sources_.items.file + ": no domain file takes all of its rows"};
  }

 private:
  Status read() {
    auto items = read_sample(sources_.items, options_);
    if (!items) return items.error();
    items_ = *std::move(items);
    inferred_.items = items_->facts;
    noun_ = noun_of(sources_.items.file);
    if (Status id = take_id(); !id) return id;
    if (Status said = take_corrections(); !said) return said;
    if (sources_.requests) {
      auto requests = read_sample(*sources_.requests, options_);
      if (!requests) return requests.error();
      requests_ = *std::move(requests);
      inferred_.requests = requests_->facts;
    }
    return sources_.history ? read_history() : Status{};
  }

  // What was said must be of this table.
  Status take_corrections() {
    for (const Correction& said : options_.corrections) {
      if (place_of(said.column) == nowhere()) return no_column(said.column);
      if (!said.type.empty() && !type_named(said.type)) {
        return Error{ErrorCode::kInvalidArgument, "corrections: '" + said.type + "' of the column '" +
                                                      said.column + "' is no type; allowed are " +
                                                      type_names()};
      }
      corrections_.insert_or_assign(said.column, said);
    }
    return take_names();
  }

  // The fields that columns become are called as was said; names may change places.
  Status take_names() {
    for (const auto& [column, said] : corrections_) {
      if (!said.name.empty()) items_->names[place_of(column)] = said.name;
    }
    for (const auto& [column, said] : corrections_) {
      const std::string why = said.name.empty() ? "" : why_no_name(said.name, place_of(column));
      if (!why.empty()) {
        return Error{ErrorCode::kInvalidArgument,
                     "corrections: the column '" + column + "' cannot become '" + said.name + "': " + why};
      }
    }
    return {};
  }

  // Empty: it may be the name of what this column becomes.
  std::string why_no_name(const std::string& name, std::size_t at) const {
    if (!is_identifier(name)) return "a name is a letter, then letters, digits and underscores, at most 64";
    if (name == "score" || (!id_.column && name == noun_ + "_id")) return "the API itself uses this name";
    for (std::size_t i = 0; i < items_->names.size(); ++i) {
      if (i != at && items_->names[i] == name) return "the column '" + items_->header[i] + "' has this name";
    }
    return {};
  }

  // The column that somebody names, none where rows are to be numbered, else the one that looks like it.
  Status take_id() {
    if (!options_.id_column) {
      id_ = id_of_items(*items_, noun_);
    } else if (!options_.id_column->empty()) {
      Result<IdColumn> named = id_named(*items_, *options_.id_column);
      if (!named) return named.error();
      id_ = *std::move(named);
    }
    return {};
  }

  std::size_t place_of(const std::string& column) const {
    const auto& header = items_->header;
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), column) - header.begin());
  }
  std::size_t nowhere() const { return items_->header.size(); }
  Error no_column(const std::string& column) const {
    return {ErrorCode::kInvalidArgument,
            sources_.items.file + " has no column '" + column + "' to say something of"};
  }

  Status read_history() {
    auto history = read_sample(*sources_.history, options_);
    if (!history) return history.error();
    history_ = *std::move(history);
    inferred_.history = history_->facts;
    auto roles = roles_of_history(*sources_.history, options_, *history_, *items_, id_, noun_);
    if (!roles) return roles.error();
    roles_ = *std::move(roles);
    return {};
  }

  // The text, and the domain that it is.
  Status make() {
    Samples samples{*items_};
    samples.corrections = &corrections_;
    samples.id = id_;
    samples.one_table = is_one_table();
    if (requests_) samples.requests = &*requests_;
    if (history_) samples.history = &*history_;
    if (roles_) samples.roles = &*roles_;
    const std::string name = options_.name.empty() ? name_of_domain(sources_.items.file) : options_.name;
    draft_ = draft_of(samples, name, noun_, item_refusals_, request_refusals_);
    if (roles_) draft_.doubts = roles_->doubts;
    add_derived(draft_);
    add_crosses(draft_);
    add_features(draft_);
    inferred_.text = text_of(draft_, inferred_, sources_);
    DomainCheck check = read_domain(inferred_.text, "the domain file");
    domain_ = std::move(check.domain);
    if (domain_) return {};
    const DomainFault& fault = check.faults.front();
    return Error{
        options_.name.empty() ? ErrorCode::kInternal : ErrorCode::kInvalidArgument,
        "the domain file would not be good: line " + std::to_string(fault.line) + ": " + fault.message};
  }

  // Whether a field refused a row.
  Result<bool> try_rows() {
    auto refused = try_table(sources_.items, *items_, domain_->items, item_refusals_);
    if (!refused) return refused;
    bool any = *refused;
    for (const auto& [table, sample] :
         {std::pair{&sources_.requests, &requests_}, std::pair{&sources_.history, &history_}}) {
      if (!*sample) continue;
      refused = try_table(**table, **sample, domain_->requests, request_refusals_);
      if (!refused) return refused;
      any |= *refused;
    }
    return any;
  }

  Result<bool> try_table(const SourceTable& table, const TableSample& sample, const Schema& schema,
                         Refusals& refusals) {
    std::map<std::string, std::string> refused;
    const std::vector<std::string_view> loc = {"row"};
    const Status gone = each_row(table, options_, sample, [&](const SampleRow& row) {
      const auto record = row.line != nullptr ? schema.check(named(*row.line, sample), loc)
                                              : schema.check_cells(sample.names, row.cells, loc);
      if (record) return;
      for (const FieldFault& fault : record.error().faults) {
        if (fault.loc.size() > 1)
          refused.emplace(fault.loc[1], "line " + std::to_string(row.number) + " " + fault.msg);
      }
    });
    if (!gone) return gone.error();
    bool any = false;
    for (auto& [field, reason] : refused) {
      if (is_chosen(table, field)) {
        objections_.insert_or_assign(field, std::move(reason));
        continue;
      }
      any = true;
      Refusal& refusal = refusals[field];
      ++refusal.times;
      refusal.reason = std::move(reason);
    }
    return any;
  }

  // A line of JSON with the names of fields.
  static boost::json::object named(const boost::json::object& line, const TableSample& sample) {
    boost::json::object object;
    for (std::size_t i = 0; i < sample.header.size(); ++i) {
      const boost::json::value* value = line.if_contains(sample.header[i]);
      if (value != nullptr && !sample.names[i].empty()) object.emplace(sample.names[i], *value);
    }
    return object;
  }

  // Whether somebody chose what the field is: then it stays so, and the rows are told that it refuses.
  bool is_chosen(const SourceTable& table, const std::string& field) const {
    if (&table != &sources_.items) return false;
    const auto column = items_->column(field);
    const auto said = column ? corrections_.find(items_->header[*column]) : corrections_.end();
    return said != corrections_.end() &&
           (!said->second.type.empty() || said->second.required == true || said->second.closed == true);
  }

  Inferred finish() {
    inferred_.name = draft_.name;
    inferred_.doubts = draft_.doubts;
    if (id_.column) inferred_.id_column = items_->header[*id_.column];
    for (const SideDraft* side : {&draft_.items, &draft_.requests}) {
      for (const FieldDraft& field : side->fields) inferred_.columns.push_back(report_of(field));
    }
    for (ColumnReport& report : inferred_.columns) {
      const auto objection = objections_.find(report.field);
      if (report.table == "items" && objection != objections_.end())
        report.doubts.push_back("refuses rows as it was chosen: " + objection->second);
    }
    if (roles_) name_history_columns();
    return std::move(inferred_);
  }

  static ColumnReport report_of(const FieldDraft& field) {
    ColumnReport report = field.report;
    if (!field.type.why_not.empty() && field.is_field())
      report.doubts.push_back("no feature: " + field.type.why_not);
    return report;
  }

  void name_history_columns() {
    const auto name = [&](const HistoryRoles::Column& column) {
      return column ? history_->header[*column] : std::string{};
    };
    HistoryColumnNames& names = inferred_.history_columns;
    names = {name(roles_->request), name(roles_->person), name(roles_->moment), name(roles_->item),
             name(roles_->pick)};
    names.number_rows = is_one_table();
    const bool ids_are_known = names.number_rows || (roles_->item && id_.column);
    names.importable =
        !roles_->events && roles_->request && roles_->pick && roles_->together && ids_are_known;
    names.events = roles_->events;
    names.rated = roles_->events && roles_->pick_kind == "a rating";
  }

  // Rows that are items and say what was picked, too.
  bool is_one_table() const { return history_ && !id_.column && history_->header == items_->header; }

  const Sources& sources_;
  const Options& options_;
  std::string noun_;
  std::optional<TableSample> items_;
  std::optional<TableSample> history_;
  std::optional<TableSample> requests_;
  std::optional<HistoryRoles> roles_;
  IdColumn id_;
  Corrections corrections_;
  std::map<std::string, std::string>
      objections_;  // of chosen fields of items: the first row that they refuse
  Refusals item_refusals_;
  Refusals request_refusals_;
  Draft draft_;
  std::shared_ptr<const Domain> domain_;
  Inferred inferred_;
};

}  // namespace

Result<Inferred> infer_domain(const Sources& sources, const Options& options) {
  return Inference(sources, options).infer();
}

}  // namespace rankloop::infer
