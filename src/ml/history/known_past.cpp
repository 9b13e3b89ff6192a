// Makes features of counters.
#include <array>
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

double mean(double sum, double count) {
  return count > 0 ? sum / count : kAbsentHistory;
}

// `prior`: events without a top that stand for the rate of everywhere.
double smoothed(double top, double bottom, double weight, double prior) {
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
  for (const HistorySubject& subject : plan.subjects()) {
    first_counters_.push_back(counters_.size());
    for (const Counter& counter : subject.counters) counters_.emplace_back(counter, now_, session_);
  }
  for (const HistoryInput& input : plan.inputs()) {
    everywhere_.push_back({input.everywhere_top ? everywhere(*input.everywhere_top) : 0,
                           input.everywhere_bottom ? everywhere(*input.everywhere_bottom) : 0});
    nothing_.push_back(input.feature->of_request() ? 0 : feature_value(made(input, std::nullopt)));
  }
}

// Null: nobody knows who asks.
const CounterTable* KnownPast::table_of(std::size_t subject) const {
  if (!plan_.subjects()[subject].own) return &fold_.table(subject);
  return person_ == nullptr ? nullptr : &person_->table(subject);
}

// No place: nothing was counted of it.
const Cell* KnownPast::cells_of(std::size_t subject, std::optional<std::uint32_t> place) const {
  const HistorySubject& of = plan_.subjects()[subject];
  return place ? table_of(subject)->cells(of, *place) : of.nothing.data();
}

double KnownPast::everywhere(const CounterPlace& place) const {
  const CounterTable* const table = table_of(place.subject);
  if (table == nullptr) return 0;
  return counter(place.subject, place.counter)
      .sum(cells_of(place.subject, table->find(0)) + plan_.subjects()[place.subject].offsets[place.counter]);
}

// Calls `use` with what makes the input's number of the cells of its subject.
template <class Use>
void KnownPast::with_maker(const HistoryInput& input, const Use& use) const {
  const HistorySubject& subject = plan_.subjects()[input.subject];
  const Everywhere& all = everywhere_[static_cast<std::size_t>(&input - plan_.inputs().data())];
  const auto reader_of = [&](std::size_t which) {
    return [at = counter(input.subject, which), offset = subject.offsets[which]](const Cell* cells) {
      return at.sum(cells + offset);
    };
  };
  const auto top = reader_of(input.top);
  switch (input.feature->what) {
    case HistoryWhat::kMean: {
      const auto count = reader_of(input.bottom);
      return use([&](const Cell* cells) { return mean(top(cells), count(cells)); });
    }
    case HistoryWhat::kRate: {
      const auto bottom = reader_of(input.bottom);
      if (!input.everywhere_top)
        return use([&](const Cell* cells) { return mean(top(cells), bottom(cells)); });
      if (!(all.bottom > 0)) return use([](const Cell*) { return kAbsentHistory; });
      if (!(all.top > 0)) return use([](const Cell*) { return 0.0; });
      const double weight = input.feature->weight;
      const double prior = weight * all.bottom / all.top;
      return use([&](const Cell* cells) { return smoothed(top(cells), bottom(cells), weight, prior); });
    }
    case HistoryWhat::kShare:
      return use([&](const Cell* cells) { return mean(top(cells), all.bottom); });
    default:
      return use(top);
  }
}

double KnownPast::made(const HistoryInput& input, std::optional<std::uint32_t> place) const {
  double value = 0;
  with_maker(input, [&](const auto& maker) { value = maker(cells_of(input.subject, place)); });
  return value;
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
  // Items share few words: each is looked up about once, however they are mixed.
  constexpr std::size_t kRemembered = 64;
  std::array<std::int32_t, kRemembered> known;
  std::array<std::uint32_t, kRemembered> known_places{};
  known.fill(kAbsentCode);
  const CodeColumn& codes = chunk.codes[catalog_.word_position_of(plan_.words()[of.word])];
  for (std::size_t row = 0; row < chunk.rows; ++row) {
    const auto code = codes.at(row);
    if (code.empty() || code.front() == kAbsentCode) continue;
    const std::size_t slot = static_cast<std::size_t>(code.front()) % kRemembered;
    if (known[slot] != code.front()) {
      known[slot] = code.front();
      known_places[slot] = table.find(hash_text(catalog_.dictionary().word(code.front()))).value_or(kNowhere);
    }
    rows.places[row] = known_places[slot];
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
  const float nothing = nothing_[history];
  with_maker(input, [&](const auto& maker) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint32_t place = first + i < rows.size() ? rows[first + i] : kNowhere;
      values[i] = place == kNowhere ? nothing : feature_value(maker(table->cells(subject, place)));
    }
  });
}

std::vector<ItemId> KnownPast::own_items(std::string_view kind, HistoryReach reach,
                                         std::chrono::milliseconds span, double times) const {
  std::vector<ItemId> items;
  const auto counter = plan_.own_counter(kind, reach, span);
  const CounterTable* const table = counter ? table_of(counter->subject) : nullptr;
  if (table == nullptr) return items;
  const CounterAt& wanted = this->counter(counter->subject, counter->counter);
  const std::size_t offset = plan_.subjects()[counter->subject].offsets[counter->counter];
  for (const std::uint64_t key : table->keys()) {
    if (wanted.sum(cells_of(counter->subject, table->find(key)) + offset) >= times)
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
  return feature_value(made(input, place));
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
      request.numbers[feature.column] = made(input, table_of(input.subject)->find(0));
    }
  }
}

}  // namespace rankloop::ml
