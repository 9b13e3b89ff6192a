// Reads the samples, drafts the file, and lets every row of the samples go through it.
#include "infer/infer_domain.h"

#include <utility>

#include "domain/domain.h"
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
    id_ = id_of_items(*items_, noun_);
    if (sources_.requests) {
      auto requests = read_sample(*sources_.requests, options_);
      if (!requests) return requests.error();
      requests_ = *std::move(requests);
      inferred_.requests = requests_->facts;
    }
    return sources_.history ? read_history() : Status{};
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
    const Status gone = each_row(table, options_, sample, [&](auto cells, std::size_t line) {
      const auto record = schema.check_cells(sample.names, cells, loc);
      if (record) return;
      for (const FieldFault& fault : record.error().faults) {
        if (fault.loc.size() > 1)
          refused.emplace(fault.loc[1], "line " + std::to_string(line) + " " + fault.msg);
      }
    });
    if (!gone) return gone.error();
    for (auto& [field, reason] : refused) {
      Refusal& refusal = refusals[field];
      ++refusal.times;
      refusal.reason = std::move(reason);
    }
    return !refused.empty();
  }

  Inferred finish() {
    inferred_.name = draft_.name;
    inferred_.doubts = draft_.doubts;
    if (id_.column) {
      inferred_.id_column = items_->header[*id_.column];
      inferred_.id_is_renamed = inferred_.id_column != draft_.id;
    }
    for (const SideDraft* side : {&draft_.items, &draft_.requests}) {
      for (const FieldDraft& field : side->fields) inferred_.columns.push_back(report_of(field));
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
    names.importable = roles_->request && roles_->pick && roles_->together && ids_are_known;
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
