// Runs searches a portion at a time and remembers how far the last ones have come.
#include "app/serve/item_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace rankloop::app {
namespace {

constexpr std::chrono::seconds kAtMost{1};       // of one call's look at stored texts
constexpr std::chrono::seconds kRemembered{60};  // then what was shown has changed too
constexpr std::size_t kSearches = 4;             // nine bytes an item each
constexpr std::size_t kPortion = 500;            // items read from the store at once

using ShownById = std::unordered_map<ItemId, Shown>;

ShownById by_id(const PerformanceReport& report) {
  ShownById shown;
  shown.reserve(report.items.size());
  for (const ItemShown& item : report.items) shown.emplace(item.item, item.counts);
  return shown;
}

// What an item is put in order by; smaller is earlier.
class Order {
 public:
  static Result<Order> read(const ItemSearchRequest& request, const ml::Catalog& catalog,
                            const ShownById& shown) {
    Order order(shown, request.descending);
    if (request.sort == "id") {
      order.by_ = By::kId;
    } else if (request.sort == "shown" || request.sort == "picked") {
      order.by_ = request.sort == "shown" ? By::kShown : By::kPicked;
    } else if (const auto column = column_in_memory(catalog, request.sort)) {
      order.by_ = By::kColumn;
      order.column_ = *column;
    } else {
      const std::vector<std::string> orders = ItemSearch::orders(catalog);
      const ChoiceInput sort = ItemSearch::sort_input(orders);
      return invalid_fields({{{"query", std::string{sort.name}},
                              refusal_of(sort, "'" + request.sort + "'"),
                              std::string{type_of_refusal(sort)}}});
    }
    return order;
  }

  double key(ItemId id, const ml::CatalogChunk& chunk, std::size_t row) const {
    double key = static_cast<double>(id.value);
    if (by_ == By::kColumn) {
      key = static_cast<double>(chunk.column(column_)[row]);
    } else if (by_ != By::kId) {
      const auto counted = shown_.find(id);
      const Shown counts = counted == shown_.end() ? Shown{} : counted->second;
      key = static_cast<double>(by_ == By::kShown ? counts.shown : counts.picked);
    }
    if (std::isnan(key)) return std::numeric_limits<double>::infinity();
    return descending_ ? -key : key;
  }

 private:
  enum class By { kId, kShown, kPicked, kColumn };
  Order(const ShownById& shown, bool descending) : shown_(shown), descending_(descending) {}

  const ShownById& shown_;
  bool descending_;
  By by_ = By::kId;
  std::size_t column_ = 0;
};

std::string key_of(const ItemSearchRequest& request, std::int64_t version) {
  return std::to_string(version) + (request.descending ? "-" : "+") + (request.unseen ? "u" : "a") +
         request.sort + "\n" + request.q;
}

struct Candidate {
  double key = 0;
  ItemId id;
  bool ask = false;
};

}  // namespace

std::vector<std::string> ItemSearch::orders(const ml::Catalog& catalog) {
  std::vector<std::string> names{"id", "shown", "picked"};
  for (const std::size_t column : catalog.item_columns()) {
    const std::string& name = catalog.domain().items.columns()[column];
    if (!is_part_of_field(name)) names.push_back(name);
  }
  return names;
}

ChoiceInput ItemSearch::sort_input(const std::vector<std::string>& orders) {
  return {.name = "sort",
          .help = "What to order by",
          .words = {orders.begin(), orders.end()},
          .preset = "id",
          .refusal = ChoiceRefusal{
              .quotes = true, .after = " is no order; there are ", .last = ", ", .type = "value_error"}};
}

Result<ItemSearch::Search> ItemSearch::begin(const ItemSearchRequest& request, const ml::Catalog& catalog,
                                             const PerformanceReport& report) const {
  Result<ItemQuery> query = ItemQuery::read(request.q, catalog, serving_.item_names().keys());
  if (!query) return query.error();
  const ShownById shown = by_id(report);
  const Result<Order> order = Order::read(request, catalog, shown);
  if (!order) return order.error();
  std::vector<Candidate> candidates;
  for (const auto& chunk : catalog.chunks()) {
    for (std::size_t row = 0; row < chunk->rows; ++row) {
      const ItemId id = chunk->ids[row];
      if (chunk->live[row] == 0 || (request.unseen && shown.contains(id))) continue;
      const ItemQuery::Answer answer = query->in_memory(id, *chunk, row);
      if (answer == ItemQuery::Answer::kNo) continue;
      // Who types an id wants that item first.
      const double key =
          query->named() == id ? -std::numeric_limits<double>::infinity() : order->key(id, *chunk, row);
      candidates.push_back({key, id, answer == ItemQuery::Answer::kAskPayload});
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.key != b.key ? a.key < b.key : a.id.value < b.id.value;
  });
  Search search{.key = key_of(request, catalog.version()),
                .query = *std::move(query),
                .version = catalog.version(),
                .made = clock_.monotonic()};
  search.ids.reserve(candidates.size());
  search.ask.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    search.ids.push_back(candidate.id);
    search.ask.push_back(candidate.ask);
  }
  return search;
}

// Found ids move to the front of the list, over those that were looked at.
Status ItemSearch::go_on(Search& search) const {
  const Monotonic until = clock_.monotonic() + kAtMost;
  while (search.next < search.ids.size()) {
    const std::size_t end = std::min(search.ids.size(), search.next + kPortion);
    std::vector<ItemId> asked;
    for (std::size_t at = search.next; at < end; ++at) {
      if (search.ask[at]) asked.push_back(search.ids[at]);
    }
    std::unordered_map<ItemId, bool> holds;
    if (!asked.empty()) {
      if (clock_.monotonic() >= until) return {};
      const auto records = store_.items(asked, search.version);
      if (!records) return records.error();
      for (const storage::ItemRecord& record : *records)
        holds[record.id] = !record.deleted && search.query.holds(record.id, record.payload);
    }
    for (std::size_t at = search.next; at < end; ++at) {
      const ItemId id = search.ids[at];
      if (!search.ask[at] || holds[id]) search.ids[search.found++] = id;
    }
    search.next = end;
  }
  return {};
}

Result<ItemSearch::Search*> ItemSearch::remembered(const ItemSearchRequest& request,
                                                   const ml::Catalog& catalog,
                                                   const PerformanceReport& shown) {
  const Monotonic now = clock_.monotonic();
  std::erase_if(remembered_, [&](const Search& old) {
    return now - old.made > kRemembered || old.version != catalog.version();
  });
  const std::string key = key_of(request, catalog.version());
  const auto known = std::find_if(remembered_.begin(), remembered_.end(),
                                  [&](const Search& search) { return search.key == key; });
  if (known != remembered_.end()) return &*known;
  Result<Search> made = begin(request, catalog, shown);
  if (!made) return made.error();
  if (remembered_.size() >= kSearches) remembered_.erase(remembered_.begin());
  remembered_.push_back(*std::move(made));
  return &remembered_.back();
}

Result<ItemSearchPage> ItemSearch::find(const ItemSearchRequest& request) {
  const Lock lock{mutex_};
  serving_.wait_for_catalog(store_.catalog_version());
  const auto catalog = serving_.current()->catalog;
  const Result<PerformanceReport> report = performance_.report();
  if (!report) return report.error();
  const Result<Search*> known = remembered(request, *catalog, *report);
  if (!known) return known.error();
  Search& search = **known;
  if (Status status = go_on(search); !status) return status.error();
  ItemSearchPage page{.total = static_cast<std::int64_t>(search.found),
                      .complete = search.next == search.ids.size(),
                      .catalog = static_cast<std::int64_t>(catalog->live_items()),
                      .lists = report->requests};
  page.looked_at = page.catalog - static_cast<std::int64_t>(search.ids.size() - search.next);
  const ShownById shown = by_id(*report);
  page.unseen = page.catalog - std::count_if(shown.begin(), shown.end(), [&](const auto& one) {
                  return catalog->find(one.first).has_value();
                });
  const std::int64_t first = std::min(request.offset, page.total);
  const std::int64_t count = std::min(request.limit, page.total - first);
  const std::span<const ItemId> ids =
      std::span{search.ids}.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  Result<std::vector<storage::ItemRecord>> records = store_.items(ids, search.version);
  if (!records) return records.error();
  std::unordered_map<ItemId, std::string> payloads;
  for (storage::ItemRecord& record : *records) payloads[record.id] = std::move(record.payload);
  for (const ItemId id : ids) {
    const auto counted = shown.find(id);
    page.items.push_back({{id, std::move(payloads[id]), std::string{serving_.item_names().key_of(id)}},
                          counted == shown.end() ? Shown{} : counted->second});
  }
  return page;
}

}  // namespace rankloop::app
