// Makes features of counters.
#include <cmath>
#include <limits>

#include "ml/feature_value.h"
#include "ml/history/history_fold.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

using About = HistorySubject::About;

constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();
constexpr double kAbsentHistory = std::numeric_limits<double>::quiet_NaN();

double rate(double top, double bottom, double weight, double all_top, double all_bottom) {
  if (!(all_bottom > 0)) return kAbsentHistory;
  if (!(all_top > 0)) return 0;
  const double prior = weight * all_bottom / all_top;
  return bottom + prior > 0 ? (top + weight) / (bottom + prior) : kAbsentHistory;
}

std::optional<std::string> word_of(const Catalog& catalog, std::span<const std::int32_t> codes) {
  if (codes.empty() || codes.front() == kAbsentCode) return std::nullopt;
  return std::string{catalog.dictionary().word(codes.front())};
}

}  // namespace

ItemWords words_of(const HistoryPlan& plan, const Catalog& catalog, const CatalogChunk& chunk,
                   std::size_t row) {
  ItemWords words;
  for (const std::size_t word : plan.words())
    words.push_back(word_of(catalog, chunk.codes[catalog.word_position_of(word)].at(row)));
  return words;
}

ItemWords words_of(const HistoryPlan& plan, const Catalog& layout, const ItemValues& item) {
  ItemWords words;
  for (const std::size_t word : plan.words())
    words.push_back(word_of(layout, item.codes[layout.word_position_of(word)]));
  return words;
}

KnownPast::KnownPast(const HistoryPlan& plan, const HistoryFold& fold, const PersonHistory* person,
                     Moment now, const Catalog& catalog)
    : plan_(plan),
      fold_(fold),
      person_(person),
      now_(now),
      session_(person == nullptr ? kNoSession : person->session(now)),
      catalog_(catalog),
      rows_(plan.subjects().size()) {
  for (const HistoryInput& input : plan.inputs()) {
    prior_top_.push_back(input.everywhere_top ? everywhere(*input.everywhere_top) : 0);
    prior_bottom_.push_back(input.everywhere_bottom ? everywhere(*input.everywhere_bottom) : 0);
  }
}

// Null: nobody knows who asks.
const CounterTable* KnownPast::table_of(std::size_t subject) const {
  if (!plan_.subjects()[subject].own) return &fold_.table(subject);
  return person_ == nullptr ? nullptr : &person_->table(subject);
}

const Cell* KnownPast::cells_of(std::size_t subject, std::optional<std::uint32_t> place) const {
  if (!place) return nullptr;
  return table_of(subject)->cells(plan_.subjects()[subject], *place);
}

double KnownPast::sum(std::size_t subject, std::size_t counter, const Cell* cells) const {
  const HistorySubject& of = plan_.subjects()[subject];
  const Counter& wanted = of.counters[counter];
  if (cells == nullptr) {
    const bool moment =
        wanted.measure == Counter::Measure::kFirst || wanted.measure == Counter::Measure::kLast;
    return moment ? kAbsentHistory : 0;
  }
  return sum_at(wanted, cells + of.offsets[counter], now_, session_);
}

double KnownPast::everywhere(const CounterPlace& place) const {
  const CounterTable* const table = table_of(place.subject);
  return table == nullptr ? 0 : sum(place.subject, place.counter, cells_of(place.subject, table->find(0)));
}

// `cells` of the input's subject; null: nothing was counted of it.
double KnownPast::made(const HistoryInput& input, const Cell* cells) const {
  const auto at = static_cast<std::size_t>(&input - plan_.inputs().data());
  const double top = sum(input.subject, input.top, cells);
  switch (input.feature->what) {
    case HistoryWhat::kMean: {
      const double count = sum(input.subject, input.bottom, cells);
      return count > 0 ? top / count : kAbsentHistory;
    }
    case HistoryWhat::kRate: {
      const double bottom = sum(input.subject, input.bottom, cells);
      if (!input.everywhere_top) return bottom > 0 ? top / bottom : kAbsentHistory;
      return rate(top, bottom, input.feature->weight, prior_top_[at], prior_bottom_[at]);
    }
    case HistoryWhat::kShare:
      return prior_bottom_[at] > 0 ? top / prior_bottom_[at] : kAbsentHistory;
    default:
      return top;
  }
}

const std::vector<std::uint32_t>& KnownPast::places(std::size_t subject, const CatalogChunk& chunk) const {
  Rows& rows = rows_[subject];
  if (rows.chunk == &chunk) return rows.places;
  rows.chunk = &chunk;
  rows.places.assign(chunk.rows, kNowhere);
  const HistorySubject& of = plan_.subjects()[subject];
  const CounterTable& table = *table_of(subject);
  if (of.about == About::kItems) {
    for (std::size_t row = 0; row < chunk.rows; ++row)
      rows.places[row] = table.find(static_cast<std::uint64_t>(chunk.ids[row].value)).value_or(kNowhere);
    return rows.places;
  }
  // Items share few words, and those that follow each other often have the same one.
  const CodeColumn& codes = chunk.codes[catalog_.word_position_of(plan_.words()[of.word])];
  std::int32_t last = kAbsentCode;
  std::uint32_t place = kNowhere;
  for (std::size_t row = 0; row < chunk.rows; ++row) {
    const auto code = codes.at(row);
    if (code.empty() || code.front() == kAbsentCode) continue;
    if (code.front() != last) {
      last = code.front();
      place = table.find(hash_text(catalog_.dictionary().word(last))).value_or(kNowhere);
    }
    rows.places[row] = place;
  }
  return rows.places;
}

void KnownPast::fill(std::size_t history, const CatalogChunk& chunk, std::size_t first,
                     std::span<float> values) const {
  const HistoryInput& input = plan_.inputs()[history];
  const CounterTable* const table = table_of(input.subject);
  if (table == nullptr) {
    std::ranges::fill(values, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  const HistorySubject& subject = plan_.subjects()[input.subject];
  const std::vector<std::uint32_t>& rows = places(input.subject, chunk);
  const float nothing = feature_value(made(input, nullptr));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t place = first + i < rows.size() ? rows[first + i] : kNowhere;
    values[i] = place == kNowhere ? nothing : feature_value(made(input, table->cells(subject, place)));
  }
}

std::vector<ItemId> KnownPast::own_items(std::string_view kind, HistoryReach reach,
                                         std::chrono::milliseconds span, double times) const {
  std::vector<ItemId> items;
  const auto counter = plan_.own_counter(kind, reach, span);
  const CounterTable* const table = counter ? table_of(counter->subject) : nullptr;
  if (table == nullptr) return items;
  for (const std::uint64_t key : table->keys()) {
    if (sum(counter->subject, counter->counter, cells_of(counter->subject, table->find(key))) >= times)
      items.push_back(ItemId{static_cast<std::int64_t>(key)});
  }
  return items;
}

float KnownPast::value(std::size_t history, ItemId item, const ItemWords& words) const {
  const HistoryInput& input = plan_.inputs()[history];
  const CounterTable* const table = table_of(input.subject);
  if (table == nullptr) return std::numeric_limits<float>::quiet_NaN();
  const HistorySubject& subject = plan_.subjects()[input.subject];
  std::optional<std::uint32_t> place;
  if (subject.about == About::kItems)
    place = table->find(static_cast<std::uint64_t>(item.value));
  else if (words[subject.word])
    place = table->find(hash_text(*words[subject.word]));
  return feature_value(made(input, cells_of(input.subject, place)));
}

void KnownPast::append(ItemId item, const ItemWords& words, std::vector<float>& out) const {
  for (std::size_t h = 0; h < plan_.inputs().size(); ++h)
    out.push_back(plan_.inputs()[h].feature->of_request() ? 0.0F : value(h, item, words));
}

void KnownPast::tell(Values& request) const {
  if (person_ == nullptr) return;
  for (const HistoryInput& input : plan_.inputs()) {
    const HistoryFeature& feature = *input.feature;
    if (!feature.of_request()) continue;
    if (feature.makes_words()) {
      const auto last = person_->list(input.list);
      request.words[feature.column] = std::vector<std::string>(last.begin(), last.end());
    } else {
      const auto place = table_of(input.subject)->find(0);
      request.numbers[feature.column] = made(input, cells_of(input.subject, place));
    }
  }
}

}  // namespace rankloop::ml
