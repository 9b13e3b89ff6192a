// What histories cost: folding what happened, people in memory, a start after much has happened, and ranking
// with 20 of them beside ranking without.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "app/serve/history_snapshot.h"
#include "domain/domain.h"
#include "ml/feature_space.h"
#include "ml/history/history_fold.h"
#include "ml/random_numbers.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "resident_memory.h"

namespace rankloop::ml {
namespace {

constexpr int kItems = 210;
constexpr int kBrands = 20;
constexpr Moment kNow = 1'700'000'000'000;

std::string shop() {
  return R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "offer"
[[item.field]]
name = "price"
type = "float"
[[item.field]]
name = "brand"
type = "category"
[[item.field]]
name = "labels"
type = "tags"
[model]
features = ["budget", "price"]
[[cross]]
name = "left"
how = "difference"
request = "budget"
item = "price"
)";
}

// 20: rates, counts and moments, of items and of their words of a field, in windows and half-lives, of
// everybody and of the person.
std::string twenty(const std::string& field = "brand") {
  std::string text;
  int number = 0;
  const auto add = [&](const std::string& what, const std::string& of, const std::string& more) {
    text += "[[history]]\nname = \"h" + std::to_string(number++) + "\"\nkind = \"pick\"\nwhat = \"" + what +
            "\"\nof = \"" + of + "\"\n" + more + "\n";
  };
  for (const std::string& of : {std::string("item"), "item." + field}) {
    for (const std::string own : {"own = false", "own = true"}) {
      add("rate", of, "per = \"shown\"\nwithin = \"7d\"\n" + own);
      add("count", of, "within = \"1d\"\n" + own);
      add("count", of, "half_life = \"30d\"\n" + own);
      add("since_last", of, own);
      add("count", of, own);
    }
  }
  return text;
}

std::shared_ptr<const Domain> domain_of(const std::string& text) {
  return read_domain(text, "bench.toml").domain;
}

constexpr int kLabels = 5;  // of each item

std::vector<Words> words_of_item(int item) {
  std::vector<std::string> labels;
  for (int l = 0; l < kLabels; ++l) labels.push_back("label " + std::to_string(item * (l + 1) % 53));
  return {std::vector{"brand " + std::to_string(item % kBrands)}, labels};
}

std::shared_ptr<const Catalog> make_catalog(const std::shared_ptr<const Domain>& domain) {
  auto catalog = Catalog::empty(domain);
  std::vector<ItemChange> rows;
  for (int i = 1; i <= kItems; ++i) {
    Values values{{static_cast<double>(i)}, words_of_item(i), {}};
    rows.push_back({ItemId{i}, 1, catalog->pick(values)});
  }
  return catalog->with(1, rows);
}

// Happenings at random: ten items shown, one in ten picked.
class Events {
 public:
  explicit Events(const HistoryPlan& plan, std::uint32_t items = kItems)
      : shown_(plan.kind_of("shown")), picked_(plan.kind_of("pick")), items_(items) {
    for (int i = 0; i < kItems; ++i) {
      const std::vector<Words> words = words_of_item(i);
      words_.emplace_back();
      for (std::size_t w = 0; w < plan.words().size(); ++w)
        append_words(plan, w, *words[plan.words()[w]], words_.back());
    }
  }
  HistoryEvent next() {
    at_ += 50;
    const int item = 1 + static_cast<int>(random_.below(items_));
    return {random_.below(11) == 0 ? picked_ : shown_, at_, ItemId{item},
            &words_[static_cast<std::size_t>(item % kItems)]};
  }

 private:
  std::optional<std::size_t> shown_;
  std::optional<std::size_t> picked_;
  std::uint32_t items_;
  std::vector<ItemWords> words_;
  RandomNumbers random_{7};
  Moment at_ = kNow;
};

// Of everybody and of the person each, as a server does.
void fold_events(benchmark::State& state, const std::string& field) {
  const auto domain = domain_of(shop() + twenty(field));
  const HistoryPlan plan(*domain);
  HistoryFold fold(plan);
  std::vector<PersonHistory> people(10'000, PersonHistory(plan));
  Events events(plan);
  RandomNumbers random(3);
  for (auto _ : state) {
    const HistoryEvent event = events.next();
    fold.add(event);
    people[random.below(10'000)].add(event);
  }
  state.SetItemsProcessed(state.iterations());
}

// A million people with ten events each.
void people_in_memory(benchmark::State& state) {
  const auto domain = domain_of(shop() + R"(
[[history]]
name = "picks"
what = "count"
of = "person"
kind = "pick"
within = "30d"
[[history]]
name = "brand_share"
what = "share"
of = "item.brand"
kind = "pick"
own = true
)");
  const HistoryPlan plan(*domain);
  constexpr std::size_t kPeople = 1'000'000;
  for (auto _ : state) {
    const double before = resident_memory();
    std::vector<std::unique_ptr<PersonHistory>> people;
    Events events(plan);
    for (std::size_t p = 0; p < kPeople; ++p) {
      people.push_back(std::make_unique<PersonHistory>(plan));
      for (int e = 0; e < 10; ++e) people.back()->add(events.next());
    }
    state.counters["rss_MB"] = (resident_memory() - before) / 1e6;
  }
}

// A ledger of which the last happening is all that a start reads.
class Ledger final : public storage::HistoryReads {
 public:
  explicit Ledger(storage::Happening last) : last_(std::move(last)) {}
  Status each_happening(std::int64_t /*after*/, Requests /*requests*/,
                        const std::function<bool(const storage::Happening&)>& visit) override {
    visit(last_);
    return {};
  }
  Status each_happening_of(const PersonKey& /*person*/, Requests /*requests*/,
                           const std::function<bool(const storage::Happening&)>& /*visit*/) override {
    return {};
  }
  std::int64_t history_position() const noexcept override { return last_.position; }

 private:
  const storage::Happening last_;
};

// Ten million events of a hundred thousand items; a start reads their state from its file.
void start_after_ten_million(benchmark::State& state) {
  constexpr std::int64_t kEvents = 10'000'000;
  const auto domain = domain_of(shop() + twenty());
  const HistoryPlan plan(*domain);
  HistoryFold fold(plan);
  Events events(plan, 100'000);
  for (std::int64_t e = 0; e < kEvents; ++e) fold.add(events.next());
  const storage::Happening last{.position = kEvents, .kind = "pick", .items = {ItemId{1}}};
  const std::string file = (std::filesystem::temp_directory_path() / "rankloop-bench.fold").string();
  if (!app::keep_snapshot(file, plan, fold, {kEvents, app::hash_of(last)})) state.SkipWithError("not kept");
  Ledger ledger(last);
  for (auto _ : state) {
    HistoryFold again(plan);
    const auto read = app::read_snapshot(file, plan, ledger, again);
    if (!read || !*read) state.SkipWithError("not read");
  }
  state.counters["file_MB"] = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
  std::filesystem::remove(file);
}

std::shared_ptr<const Model> make_model(const std::shared_ptr<const Domain>& domain,
                                        const std::string& family) {
  const auto catalog = make_catalog(domain);
  const FeatureMaker maker(*domain, *catalog);
  LabelledRows rows = maker.no_rows();
  RandomNumbers random(5);
  auto asked = maker.asked(Query{std::vector<double>{20}});
  std::vector<float> known(domain->histories.size());
  for (int r = 0; r < 4'000; ++r) {
    for (float& value : known) value = static_cast<float>(random.uniform(0, 3));
    maker.know(asked, known);
    const Values item{{static_cast<double>(r % kItems)}, words_of_item(r % kItems), {}};
    maker.append(asked, catalog->pick(item), rows);
    rows.labels.push_back(random.below(10) == 0 ? 1.0F : 0.0F);
    rows.requests.push_back(r / 10);
  }
  return *train_model(*domain, rows, LabelledRows::like(rows), {.family = family}, {}, {});
}

// `field`: of whose words half of the histories are; empty: none.
void rank_210(benchmark::State& state, const std::string& family, const std::string& field) {
  const bool histories = !field.empty();
  const auto domain = domain_of(shop() + (histories ? twenty(field) : ""));
  const auto catalog = make_catalog(domain);
  const auto model = make_model(domain, family);
  const auto scorer = model->bind(catalog, nullptr, 1U << 30U);
  const HistoryPlan plan(*domain);
  HistoryFold fold(plan);
  PersonHistory person(plan);
  Events events(plan);
  for (int e = 0; e < 20'000; ++e) {
    const HistoryEvent event = events.next();
    fold.add(event);
    if (e % 100 == 0) person.add(event);
  }
  const std::vector<double> request{20};
  for (auto _ : state) {
    const KnownPast past(plan, fold, &person, kNow + 1'000'000, 0, *catalog);
    benchmark::DoNotOptimize(
        rank(*scorer, *model, {},
             {.values = ValuesView(request), .past = histories ? &past : nullptr, .best = 10, .seed = 1}));
  }
}

BENCHMARK_CAPTURE(fold_events, of_a_word, "brand");
BENCHMARK_CAPTURE(fold_events, of_five_words, "labels");
BENCHMARK(people_in_memory)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(start_after_ten_million)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(rank_210, logistic / without, "logistic", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rank_210, logistic / with_20, "logistic", "brand")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rank_210, logistic / with_20_of_five_words, "logistic", "labels")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rank_210, mlp / without, "mlp", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rank_210, mlp / with_20, "mlp", "brand")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rankloop::ml
