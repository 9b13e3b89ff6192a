// Chunks of columns, copied on write.
#include "ml/catalog.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <unordered_map>
#include <utility>

#include "domain/keyed_hash.h"
#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

// The overlay is merged into the base beyond this share of it, so an append costs O(1) amortised.
constexpr std::size_t kSmallestMerge = 4096;
constexpr std::size_t kMergeShare = 8;

static_assert(kChunkRows <= Posting::kMostRows);

void sort_once(std::vector<std::size_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

std::size_t position_in(std::span<const std::size_t> sorted, std::size_t wanted) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), wanted);
  assert(found != sorted.end() && *found == wanted);
  return static_cast<std::size_t>(found - sorted.begin());
}

// What a rule reads of the item.
void add_operands(const RuleCondition& condition, std::vector<std::size_t>& columns,
                  std::vector<std::size_t>& words) {
  if (condition.left.side == Side::kItem)
    (condition.of_words ? words : columns).push_back(condition.left.column);
  for (const RuleCondition& part : condition.parts) add_operands(part, columns, words);
}

// The words that a rule looks for in the item's.
void add_wanted(const RuleCondition& condition, std::vector<std::size_t>& words) {
  using Kind = RuleCondition::Kind;
  const bool looks = condition.kind == Kind::kSame || condition.kind == Kind::kCommon;
  if (looks && condition.left.side == Side::kItem) words.push_back(condition.left.column);
  for (const RuleCondition& part : condition.parts) add_wanted(part, words);
}

}  // namespace

// Works on a copy of the snapshot: chunks become private to it when they are first written.
class Catalog::Editor {
 public:
  explicit Editor(Catalog& catalog) : catalog_(catalog), owned_(catalog.chunks_.size()) {}

  void apply(const ItemChange& change) {
    std::optional<std::uint32_t> row = find(change.id);
    if (!change.values) {
      if (row) erase(*row, change.version);
    } else {
      if (!row) row = append(change.id);
      write(*row, change.version, *change.values);
    }
  }

  // Makes the postings of changed chunks anew and takes the appended rows into the index of ids.
  void finish() {
    for (const auto& chunk : owned_) {
      if (chunk != nullptr) index(*chunk);
    }
    index_ids();
  }

 private:
  void index(CatalogChunk& chunk) const {
    chunk.word_postings.resize(chunk.codes.size());
    for (const std::size_t position : catalog_.layout_->indexed)
      chunk.word_postings[position] = std::make_shared<const Postings>(chunk.codes[position], chunk.live);
    chunk.text_postings.clear();
    for (const CodeColumn& text : chunk.texts)
      chunk.text_postings.push_back(std::make_shared<const Postings>(text, chunk.live));
  }

  void index_ids() {
    const auto by_id = [this](std::uint32_t a, std::uint32_t b) {
      return catalog_.id_at(a) < catalog_.id_at(b);
    };
    std::sort(appended_.begin(), appended_.end(), by_id);
    std::vector<std::uint32_t> overlay(catalog_.overlay_.size() + appended_.size());
    std::merge(catalog_.overlay_.begin(), catalog_.overlay_.end(), appended_.begin(), appended_.end(),
               overlay.begin(), by_id);
    if (overlay.size() > std::max(kSmallestMerge, catalog_.base_->size() / kMergeShare)) {
      std::vector<std::uint32_t> base(catalog_.base_->size() + overlay.size());
      std::merge(catalog_.base_->begin(), catalog_.base_->end(), overlay.begin(), overlay.end(), base.begin(),
                 by_id);
      catalog_.base_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(base));
      overlay = {};
    }
    catalog_.overlay_ = std::move(overlay);
  }

  std::optional<std::uint32_t> find(ItemId id) const {
    if (const auto found = new_rows_.find(id); found != new_rows_.end()) return found->second;
    return catalog_.row_of(id);
  }

  CatalogChunk& writable(std::size_t chunk) {
    if (owned_[chunk] == nullptr) {
      owned_[chunk] = std::make_shared<CatalogChunk>(*catalog_.chunks_[chunk]);
      catalog_.chunks_[chunk] = owned_[chunk];
    }
    return *owned_[chunk];
  }

  std::uint32_t append(ItemId id) {
    assert(catalog_.rows_ < std::numeric_limits<std::uint32_t>::max());
    const auto row = static_cast<std::uint32_t>(catalog_.rows_);
    if (row % kChunkRows == 0) {
      owned_.push_back(std::make_shared<CatalogChunk>());
      owned_.back()->values.resize(catalog_.item_columns().size() * kChunkRows);
      owned_.back()->codes.resize(catalog_.item_words().size());
      owned_.back()->texts.resize(catalog_.item_texts().size());
      owned_.back()->lists.resize(catalog_.item_lists().size());
      catalog_.chunks_.push_back(owned_.back());
    }
    CatalogChunk& chunk = writable(row / kChunkRows);
    chunk.ids.push_back(id);
    chunk.versions.push_back(0);
    chunk.live.push_back(0);
    if (catalog_.layout_->ages) chunk.since.push_back(kUnknownSince);
    for (CodeColumn& codes : chunk.codes) codes.append({&kAbsentCode, 1});
    for (CodeColumn& text : chunk.texts) text.append({&kAbsentCode, 1});
    for (CodeColumn& list : chunk.lists) list.append({});
    ++chunk.rows;
    ++catalog_.rows_;
    new_rows_.emplace(id, row);
    appended_.push_back(row);
    return row;
  }

  void write(std::uint32_t row, std::int64_t version, const ItemValues& values) {
    assert(values.numbers.size() == catalog_.item_columns().size());
    assert(values.codes.size() == catalog_.item_words().size());
    assert(values.texts.size() == catalog_.item_texts().size());
    assert(values.lists.size() == catalog_.item_lists().size());
    CatalogChunk& chunk = writable(row / kChunkRows);
    const std::size_t at = row % kChunkRows;
    for (std::size_t c = 0; c < values.numbers.size(); ++c)
      chunk.values[c * kChunkRows + at] = values.numbers[c];
    for (std::size_t w = 0; w < values.codes.size(); ++w) chunk.codes[w].set(at, values.codes[w]);
    for (std::size_t t = 0; t < values.texts.size(); ++t) chunk.texts[t].set(at, values.texts[t]);
    for (std::size_t l = 0; l < values.lists.size(); ++l) chunk.lists[l].set(at, values.lists[l]);
    chunk.versions[at] = version;
    if (catalog_.layout_->ages) chunk.since[at] = values.since;
    if (chunk.live[at] == 0) ++catalog_.live_items_;
    chunk.live[at] = 1;
  }

  void erase(std::uint32_t row, std::int64_t version) {
    const std::size_t at = row % kChunkRows;
    if (catalog_.chunks_[row / kChunkRows]->live[at] == 0) return;
    CatalogChunk& chunk = writable(row / kChunkRows);
    chunk.live[at] = 0;
    chunk.versions[at] = version;
    --catalog_.live_items_;
  }

  Catalog& catalog_;
  std::vector<std::shared_ptr<CatalogChunk>> owned_;  // by chunk; null: still shared with other snapshots
  std::unordered_map<ItemId, std::uint32_t, KeyedHash> new_rows_;
  std::vector<std::uint32_t> appended_;
};

Catalog::Layout Catalog::layout_of(const Domain& domain) {
  Layout layout;
  for (const Feature& feature : domain.features) {
    if (feature.side != Side::kItem) continue;
    if (feature.has_words()) {
      layout.words.push_back(feature.column);
      continue;
    }
    for (std::size_t i = 0; i < feature.size; ++i) layout.columns.push_back(feature.column + i);
  }
  for (const Cross& cross : domain.crosses) {
    if (cross.op == CrossOp::kHistory) continue;
    if (is_of_words(cross.op)) {
      layout.words.push_back(cross.item_column);
      continue;
    }
    if (is_of_texts(cross.op)) {
      layout.texts.push_back(cross.item_column);
      continue;
    }
    for (std::size_t i = 0; i < cross.size; ++i) layout.columns.push_back(cross.item_column + i);
  }
  for (const HistoryFeature& history : domain.histories) {
    layout.ages |= history.what == HistoryWhat::kAge;
    if (history.word) (history.many ? layout.lists : layout.words).push_back(*history.word);
  }
  std::vector<std::size_t> wanted;
  for (const Rule& rule : domain.rules) {
    add_operands(rule.must, layout.columns, layout.words);
    add_wanted(rule.must, wanted);
  }
  for (const Wish& wish : domain.wishes) {
    if (wish.how == Wish::How::kAtMost) layout.words.push_back(wish.word);
    for (const Wish::Condition& condition : wish.where)
      add_operands(condition.holds, layout.columns, layout.words);
  }
  for (std::vector<std::size_t>* numbers :
       {&layout.columns, &layout.words, &layout.texts, &layout.lists, &wanted})
    sort_once(*numbers);
  for (const std::size_t word : wanted) layout.indexed.push_back(position_in(layout.words, word));
  return layout;
}

std::shared_ptr<const Catalog> Catalog::empty(std::shared_ptr<const Domain> domain) {
  auto catalog = std::make_shared<Catalog>();
  catalog->layout_ = std::make_shared<const Layout>(layout_of(*domain));
  catalog->dictionary_ = std::make_shared<Dictionary>();
  catalog->text_dictionary_ = std::make_shared<Dictionary>();
  catalog->domain_ = std::move(domain);
  catalog->base_ = std::make_shared<const std::vector<std::uint32_t>>();
  return catalog;
}

std::shared_ptr<const Catalog> Catalog::empty_beside(std::shared_ptr<const Catalog> whole) {
  auto catalog = std::make_shared<Catalog>(*empty(whole->shared_domain()));
  catalog->beside_ = std::move(whole);
  return catalog;
}

std::shared_ptr<const Catalog> Catalog::with(std::int64_t version,
                                             std::span<const ItemChange> changes) const {
  auto next = std::make_shared<Catalog>(*this);
  next->version_ = version;
  Editor editor(*next);
  for (const ItemChange& change : changes) editor.apply(change);
  editor.finish();
  return next;
}

std::size_t Catalog::position_of(std::size_t schema_column) const {
  return position_in(layout_->columns, schema_column);
}

std::size_t Catalog::word_position_of(std::size_t schema_word) const {
  return position_in(layout_->words, schema_word);
}

std::size_t Catalog::text_position_of(std::size_t schema_text) const {
  return position_in(layout_->texts, schema_text);
}

std::size_t Catalog::list_position_of(std::size_t schema_word) const {
  return position_in(layout_->lists, schema_word);
}

ItemValues Catalog::pick(const ValuesView& item, std::optional<WallTime> since) const {
  ItemValues picked;
  if (since) picked.since = since->time_since_epoch().count();
  picked.numbers.reserve(layout_->columns.size());
  for (const std::size_t column : layout_->columns) {
    picked.numbers.push_back(feature_value(item.numbers[column]));
  }
  for (const std::size_t word : layout_->words)
    picked.codes.push_back(codes_of(item.words[word], *dictionary_));
  for (const std::size_t text : layout_->texts)
    picked.texts.push_back(every_code_of(item.texts[text], *text_dictionary_));
  for (const std::size_t list : layout_->lists)
    picked.lists.push_back(first_codes_of(item.words[list], kMostHistoryWords, *dictionary_));
  return picked;
}

std::uint32_t Catalog::lower_bound(std::span<const std::uint32_t> sorted_rows, ItemId id) const {
  const auto found =
      std::lower_bound(sorted_rows.begin(), sorted_rows.end(), id,
                       [this](std::uint32_t row, ItemId wanted) { return id_at(row) < wanted; });
  return static_cast<std::uint32_t>(found - sorted_rows.begin());
}

std::optional<std::uint32_t> Catalog::row_of(ItemId id) const {
  for (const std::span<const std::uint32_t> rows : {std::span{*base_}, std::span{overlay_}}) {
    const std::uint32_t at = lower_bound(rows, id);
    if (at < rows.size() && id_at(rows[at]) == id) return rows[at];
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Catalog::find(ItemId id) const {
  const std::optional<std::uint32_t> row = row_of(id);
  if (!row || chunks_[*row / kChunkRows]->live[*row % kChunkRows] == 0) return std::nullopt;
  return row;
}

std::vector<ItemId> Catalog::ids_after(ItemId after, std::size_t limit) const {
  std::vector<ItemId> ids;
  if (after.value == std::numeric_limits<std::int64_t>::max()) return ids;
  const ItemId first{after.value + 1};
  std::size_t in_base = lower_bound(*base_, first);
  std::size_t in_overlay = lower_bound(overlay_, first);
  while (ids.size() < limit && (in_base < base_->size() || in_overlay < overlay_.size())) {
    const bool from_base =
        in_overlay == overlay_.size() ||
        (in_base < base_->size() && id_at((*base_)[in_base]) < id_at(overlay_[in_overlay]));
    const std::uint32_t row = from_base ? (*base_)[in_base++] : overlay_[in_overlay++];
    if (chunks_[row / kChunkRows]->live[row % kChunkRows] != 0) ids.push_back(id_at(row));
  }
  return ids;
}

}  // namespace rankloop::ml
