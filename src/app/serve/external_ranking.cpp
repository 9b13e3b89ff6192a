// Puts a request into another program's words, and its answer into a ranking of ours.
#include "app/serve/external_ranking.h"

#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/serve/candidates.h"
#include "app/serve/external_answer.h"
#include "app/serve/list_wishes.h"
#include "domain/candidate_fields.h"
#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

// Derived fields that are not kept are part of what the other side needs, too.
Result<boost::json::object> request_fields(const Schema& schema, std::string_view payload,
                                           std::span<const double> columns) {
  auto value = parse_strict_json(payload);
  if (!value) return value.error();
  if (!value->is_object()) return Error{ErrorCode::kDataLoss, "A stored request is no object"};
  boost::json::object fields = std::move(value->get_object());
  for (const DerivedField& derived : schema.derived()) {
    const auto column = schema.column(derived.name);
    if (derived.stored || !column || std::isnan(columns[*column])) continue;
    fields[derived.name] = columns[*column];
  }
  return fields;
}

ml::RankRequest wanted(const ExternalQuestion& question, int best) {
  return {.values = question.values,
          .person = ml::person_number(question.task().inference->person),
          .candidates = question.task().inference->candidates,
          .candidates_given = question.task().inference->candidates_given,
          .best = best,
          .seed = question.task().lease.task.seed(),
          .wishes = question.wishes.get()};
}

}  // namespace

Result<std::shared_ptr<const ExternalQuestion>> ExternalRanking::question(
    std::shared_ptr<InferenceRun> run) const {
  auto made = std::make_shared<ExternalQuestion>();
  made->run = std::move(run);
  made->serving = serving_.current();
  const std::string& payload = made->task().inference->payload;
  Result<Record> record = domain_->requests.read(payload);
  if (!record) return record.error();
  made->values = std::move(record->values);
  auto fields = request_fields(domain_->requests, payload, made->values.numbers);
  if (!fields) return fields.error();
  made->request = *std::move(fields);
  auto from = inference_.ranked_from(*made->task().inference, *made->serving);
  if (!from) return from.error();
  made->from = *std::move(from);
  auto wishes = blocks_of(*made->task().inference, *domain_);
  if (!wishes) return wishes.error();
  made->wishes = *std::move(wishes);
  const ml::RankRequest asked = wanted(*made, best_);
  made->items = ml::eligible_items(*made->from, asked);
  std::vector<RankedItem> eligible;
  for (const ItemId item : made->items) eligible.push_back({item});
  auto left_out = inference_.left_out(*made->task().inference, asked, *made->serving, *made->from, eligible);
  if (!left_out) return left_out.error();
  made->left_out = *std::move(left_out);
  return std::shared_ptr<const ExternalQuestion>{std::move(made)};
}

std::string ExternalRanking::arguments(const ExternalQuestion& question) const {
  boost::json::array items;
  items.reserve(question.items.size());
  for (const ItemId item : question.items) items.push_back(serving_.item_names().value(item));
  boost::json::object arguments{{"task_id", question.task().lease.task.to_string()},
                                {"request", question.request},
                                {"items", std::move(items)},
                                {"limit", best_}};
  const auto said = CandidateFields::read(question.task().inference->candidate_fields);
  if (said && !said->all().empty()) {
    boost::json::object& by_id = arguments["candidate_fields"].emplace_object();
    for (const auto& [item, fields] : said->all()) {
      if (auto value = parse_strict_json(fields))
        by_id[serving_.item_names().in_words(item)] = *std::move(value);
    }
  }
  return boost::json::serialize(arguments);
}

Status ExternalRanking::answer(const ExternalQuestion& question, const boost::json::value& answer) const {
  auto items = read_external_answer(answer, question.items, serving_.item_names().keys(), best_);
  if (!items) return items.error();
  commit(question, *std::move(items));
  return {};
}

void ExternalRanking::commit(const ExternalQuestion& question, std::vector<RankedItem> items) const {
  const auto complete = [&](Ranking ranking) {
    ranking.domain_version = domain_version_;
    return ranking;
  };
  Ranking ranking;
  ranking.items = std::move(items);
  ranking.policy.kind = PolicyKind::kExternal;
  if (question.wishes != nullptr) ranking.policy.wishes = question.wishes->text;
  ranking.seed = question.task().lease.task.seed();
  ranking.catalog_version = question.serving->catalog->version();
  ranking.left_out = question.left_out;
  std::vector<Ranking> shadows;
  for (const ServedModel& shadow : question.serving->shadows) {
    shadows.push_back(complete(rank_from(question.from, shadow, wanted(question, best_))));
  }
  inference_.finish(question.run, complete(std::move(ranking)), std::move(shadows));
}

}  // namespace rankloop::app
