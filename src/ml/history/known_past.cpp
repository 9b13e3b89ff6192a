// Makes features of counters.
#include <algorithm>
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
constexpr double kMillisecondsOfDay = 86'400'000;
constexpr double kAbsentHistory = std::numeric_limits<double>::quiet_NaN();

double mean(double sum, double count) {
  return count > 0 ? sum / count : kAbsentHistory;
}

// `prior`: events without a top that stand for the rate of everywhere.
double smoothed(double top, double bottom, double weight, double prior) {
  return bottom + prior > 0 ? (top + weight) / (bottom + prior) : kAbsentHistory;
}

// So many from one on, or as many as there are.
std::span<const std::uint32_t> part_of(std::span<const std::uint32_t> rows, std::size_t first,
                                       std::size_t size) {
  return first < rows.size() ? rows.subspan(first, std::min(size, rows.size() - first))
                             : std::span<const std::uint32_t>();
}

// What the words of one item come to.
class OverWords {
 public:
  explicit OverWords(HistoryWhat what) : what_(what) {}
  void add(double value) {
    if (std::isnan(value)) return;
    if (what_ == HistoryWhat::kSinceFirst)
      sum_ = count_ == 0 ? value : std::max(sum_, value);
    else if (what_ == HistoryWhat::kSinceLast)
      sum_ = count_ == 0 ? value : std::min(sum_, value);
    else
      sum_ += value;
    ++count_;
  }
  double value() const {
    const bool of_moments = what_ == HistoryWhat::kSinceFirst || what_ == HistoryWhat::kSinceLast;
    return of_moments && count_ > 0 ? sum_ : mean(sum_, count_);
  }

 private:
  const HistoryWhat what_;
  double sum_ = 0;
  double count_ = 0;
};

// `codes_of(word)` and `list_of(word)`: the codes of a word and of a list of the item.
template <class CodesOf, class ListOf>
ItemWords words_by(const HistoryPlan& plan, const Dictionary& dictionary, const CodesOf& codes_of,
                   const ListOf& list_of) {
  ItemWords words;
  words.reserve(plan.words().size());
  for (std::size_t w = 0; w < plan.words().size(); ++w) {
    const std::size_t word = plan.words()[w];
    if (plan.is_list(w)) {
      for (const std::int32_t code : list_of(word)) words.push_back({w, std::string{dictionary.word(code)}});
      continue;
    }
    const std::span<const std::int32_t> codes = codes_of(word);
    if (!codes.empty() && codes.front() != kAbsentCode)
      words.push_back({w, std::string{dictionary.word(codes.front())}});
  }
  return words;
}

}  // namespace

ItemWords words_of(const HistoryPlan& plan, const Catalog& catalog, const CatalogChunk& chunk,
                   std::size_t row) {
  return words_by(
      plan, catalog.dictionary(),
      [&](std::size_t word) { return chunk.codes[catalog.word_position_of(word)].at(row); },
      [&](std::size_t word) { return chunk.lists[catalog.list_position_of(word)].at(row); });
}

KnownItem known_item(const HistoryPlan& plan, const Catalog& catalog, const CatalogChunk& chunk,
                     std::size_t row) {
  return {chunk.ids[row], words_of(plan, catalog, chunk, row),
          chunk.since.empty() ? kUnknownSince : chunk.since[row]};
}

KnownItem known_item(const HistoryPlan& plan, const Catalog& layout, ItemId id, const ItemValues& item) {
  ItemWords words = words_by(
      plan, layout.dictionary(),
      [&](std::size_t word) { return std::span(item.codes[layout.word_position_of(word)]); },
      [&](std::size_t word) { return std::span(item.lists[layout.list_position_of(word)]); });
  return {id, std::move(words), item.since};
}

KnownPast::KnownPast(const HistoryPlan& plan, const HistoryFold& fold, const PersonHistory* person,
                     Moment now, SessionKey session, const Catalog& catalog)
    : plan_(plan),
      fold_(fold),
      person_(person),
      now_(now),
      named_(session != 0),
      in_named_(person == nullptr || session == 0 ? std::span<const CounterTable>()
                                                  : person->in_session(session)),
      catalog_(catalog),
      rows_(plan.subjects().size()),
      words_(plan.inputs().size()) {
  const Moment began = person == nullptr ? kNoSession : person->session(now);
  for (const HistorySubject& subject : plan.subjects()) {
    first_counters_.push_back(counters_.size());
    for (const Counter& counter : subject.counters)
      counters_.emplace_back(counter, now_, named_ && subject.named ? kNamedSession : began);
  }
  for (const HistoryInput& input : plan.inputs()) {
    everywhere_.push_back({input.everywhere_top ? everywhere(*input.everywhere_top) : 0,
                           input.everywhere_bottom ? everywhere(*input.everywhere_bottom) : 0});
    const bool counted = !input.feature->of_request() && input.feature->what != HistoryWhat::kAge;
    nothing_.push_back(counted ? feature_value(made(input, std::nullopt)) : 0);
  }
}

// Null: nobody knows who asks.
const CounterTable* KnownPast::table_of(std::size_t subject) const {
  const HistorySubject& of = plan_.subjects()[subject];
  if (!of.own) return &fold_.table(subject);
  if (person_ == nullptr) return nullptr;
  if (!of.named || !named_) return &person_->table(subject);
  static const CounterTable nothing_yet;
  return in_named_.empty() ? &nothing_yet : &in_named_[*of.named];
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

// In days. Who looks at a moment before the item came sees it as new.
double KnownPast::age(Moment since) const {
  if (since == kUnknownSince) return kAbsentHistory;
  return std::max(0.0, static_cast<double>(now_ - since) / kMillisecondsOfDay);
}

// Calls `use` with what makes the input's number of the cells of its subject. Both its counters reach equally
// far, so they are read in one way.
template <class Use>
void KnownPast::with_maker(const HistoryInput& input, const Use& use) const {
  counter(input.subject, input.top).with_way([&](auto way) {
    const auto reader_of = [&](std::size_t which) {
      return [at = counter(input.subject, which), offset = plan_.subjects()[input.subject].offsets[which]](
                 const Cell* cells) { return at.template sum_by<decltype(way)::value>(cells + offset); };
    };
    const auto top = reader_of(input.top);
    const Everywhere& all = everywhere_[static_cast<std::size_t>(&input - plan_.inputs().data())];
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
  });
}

double KnownPast::made(const HistoryInput& input, std::optional<std::uint32_t> place) const {
  double value = 0;
  with_maker(input, [&](const auto& maker) { value = maker(cells_of(input.subject, place)); });
  return value;
}

// Of an item that has several words.
double KnownPast::made_of(const HistoryInput& input, std::span<const ItemWord> words) const {
  if (words.empty()) return made(input, std::nullopt);
  const CounterTable& table = *table_of(input.subject);
  OverWords all(input.feature->what);
  with_maker(input, [&](const auto& maker) {
    for (const ItemWord& word : words)
      all.add(maker(cells_of(input.subject, table.find(hash_text(word.text)))));
  });
  return all.value();
}

const KnownPast::Rows& KnownPast::places(std::size_t subject, const CatalogChunk& chunk) const {
  Rows& rows = rows_[subject];
  if (rows.chunk == &chunk) return rows;
  rows.chunk = &chunk;
  const HistorySubject& of = plan_.subjects()[subject];
  if (of.about != About::kItems) {
    find_words(of, chunk, rows);
    return rows;
  }
  const CounterTable& table = *table_of(subject);
  rows.places.assign(chunk.rows, kNowhere);
  for (std::size_t row = 0; row < chunk.rows; ++row)
    rows.places[row] = table.find(static_cast<std::uint64_t>(chunk.ids[row].value)).value_or(kNowhere);
  return rows;
}

void KnownPast::find_words(const HistorySubject& subject, const CatalogChunk& chunk, Rows& rows) const {
  const CounterTable& table = *table_of(static_cast<std::size_t>(&subject - plan_.subjects().data()));
  // Items share few words: each is looked up about once, however they are mixed.
  constexpr std::size_t kRemembered = 64;
  std::array<std::int32_t, kRemembered> known;
  std::array<std::uint32_t, kRemembered> known_indexes{};
  known.fill(kAbsentCode);
  rows.places.assign(1, kNowhere);
  rows.words.clear();
  const auto index_of = [&](std::int32_t code) {
    const std::size_t slot = static_cast<std::size_t>(code) % kRemembered;
    if (known[slot] != code) {
      known[slot] = code;
      known_indexes[slot] = static_cast<std::uint32_t>(rows.places.size());
      rows.places.push_back(table.find(hash_text(catalog_.dictionary().word(code))).value_or(kNowhere));
    }
    return known_indexes[slot];
  };
  const std::size_t word = plan_.words()[subject.word];
  if (subject.many) {
    rows.ends.resize(chunk.rows);
    const CodeColumn& lists = chunk.lists[catalog_.list_position_of(word)];
    for (std::size_t row = 0; row < chunk.rows; ++row) {
      for (const std::int32_t code : lists.at(row)) rows.words.push_back(index_of(code));
      rows.ends[row] = static_cast<std::uint32_t>(rows.words.size());
    }
    return;
  }
  rows.words.assign(chunk.rows, 0);
  const CodeColumn& codes = chunk.codes[catalog_.word_position_of(word)];
  for (std::size_t row = 0; row < chunk.rows; ++row) {
    const auto code = codes.at(row);
    if (!code.empty() && code.front() != kAbsentCode) rows.words[row] = index_of(code.front());
  }
}

void KnownPast::fill(std::size_t history, const CatalogChunk& chunk, std::size_t first,
                     std::span<float> values) const {
  const HistoryInput& input = plan_.inputs()[history];
  if (input.feature->what == HistoryWhat::kAge) return fill_ages(chunk, first, values);
  if (table_of(input.subject) == nullptr) {
    std::ranges::fill(values, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  const HistorySubject& subject = plan_.subjects()[input.subject];
  const Rows& rows = places(input.subject, chunk);
  if (subject.about == About::kItems) return fill_items(history, rows, first, values);
  if (subject.many) return fill_lists(history, rows, first, values);
  fill_words(history, rows, first, values);
}

void KnownPast::fill_ages(const CatalogChunk& chunk, std::size_t first, std::span<float> values) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = feature_value(age(first + i < chunk.since.size() ? chunk.since[first + i] : kUnknownSince));
}

void KnownPast::fill_items(std::size_t history, const Rows& rows, std::size_t first,
                           std::span<float> values) const {
  const HistoryInput& input = plan_.inputs()[history];
  const HistorySubject& subject = plan_.subjects()[input.subject];
  const CounterTable& table = *table_of(input.subject);
  const float nothing = nothing_[history];
  const auto places = part_of(rows.places, first, values.size());
  with_maker(input, [&](const auto& maker) {
    for (std::size_t i = 0; i < places.size(); ++i)
      values[i] = places[i] == kNowhere ? nothing : feature_value(maker(table.cells(subject, places[i])));
  });
  std::ranges::fill(values.subspan(places.size()), nothing);
}

// Rows share words: what a history says of one is made once.
const KnownPast::OfWords& KnownPast::of_words(std::size_t history, const Rows& rows) const {
  OfWords& of = words_[history];
  if (of.chunk == rows.chunk) return of;
  of = {.chunk = rows.chunk};
  const HistoryInput& input = plan_.inputs()[history];
  const HistorySubject& subject = plan_.subjects()[input.subject];
  const CounterTable& table = *table_of(input.subject);
  of.values.reserve(subject.many ? rows.places.size() : 0);
  of.features.reserve(subject.many ? 0 : rows.places.size());
  with_maker(input, [&](const auto& maker) {
    for (const std::uint32_t place : rows.places) {
      const double value = maker(place == kNowhere ? subject.nothing.data() : table.cells(subject, place));
      if (subject.many)
        of.values.push_back(value);
      else
        of.features.push_back(feature_value(value));
    }
  });
  return of;
}

void KnownPast::fill_words(std::size_t history, const Rows& rows, std::size_t first,
                           std::span<float> values) const {
  const std::span<const float> known = of_words(history, rows).features;
  const auto words = part_of(rows.words, first, values.size());
  for (std::size_t i = 0; i < words.size(); ++i) values[i] = known[words[i]];
  std::ranges::fill(values.subspan(words.size()), nothing_[history]);
}

void KnownPast::fill_lists(std::size_t history, const Rows& rows, std::size_t first,
                           std::span<float> values) const {
  const std::span<const double> known = of_words(history, rows).values;
  std::ranges::fill(values, nothing_[history]);
  const auto ends = part_of(rows.ends, first, values.size());
  std::size_t at = first == 0 || ends.empty() ? 0 : rows.ends[first - 1];
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (at == ends[i]) continue;  // without words
    OverWords all(plan_.inputs()[history].feature->what);
    for (; at < ends[i]; ++at) all.add(known[rows.words[at]]);
    values[i] = feature_value(all.value());
  }
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

float KnownPast::value(std::size_t history, const KnownItem& item) const {
  const HistoryInput& input = plan_.inputs()[history];
  if (input.feature->what == HistoryWhat::kAge) return feature_value(age(item.since));
  const CounterTable* const table = table_of(input.subject);
  if (table == nullptr) return std::numeric_limits<float>::quiet_NaN();
  const HistorySubject& subject = plan_.subjects()[input.subject];
  if (subject.about == About::kItems)
    return feature_value(made(input, table->find(static_cast<std::uint64_t>(item.id.value))));
  const std::span<const ItemWord> own = of_field(item.words, subject.word);
  if (subject.many) return feature_value(made_of(input, own));
  std::optional<std::uint32_t> place;
  if (!own.empty()) place = table->find(hash_text(own.front().text));
  return feature_value(made(input, place));
}

void KnownPast::append(const KnownItem& item, std::vector<float>& out) const {
  for (std::size_t h = 0; h < plan_.inputs().size(); ++h)
    out.push_back(plan_.inputs()[h].feature->of_request() ? 0.0F : value(h, item));
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
