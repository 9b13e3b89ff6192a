// Follows the ledger, and brings together what is known when somebody asks.
#include "app/serve/histories.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "error/caught.h"
#include "ml/random_numbers.h"
#include "sync/sleep.h"
#include "telemetry/thread_name.h"

namespace rankloop::app {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPortion = 2'000;  // happenings that are folded at once, while rankings wait
constexpr std::size_t kPerson = 160;     // bytes of a person besides its counters
// Positions after which the fold is written again: at the end, and while it runs. So many are folded within
// seconds, and what is written is a few bytes for each.
constexpr std::int64_t kLittle = 1'000;
constexpr std::int64_t kMuch = 100'000;
constexpr std::size_t kBytesOfOne = 160;

template <class Number>
void mix(std::uint64_t& hash, Number number) {
  hash = ml::mix_bits(hash ^ static_cast<std::uint64_t>(number));
}

}  // namespace

RankedWith ranked_with(const KnownHistory& known, const ValuesView& request, WallTime at,
                       const ml::Catalog& catalog) {
  RankedWith with{.values = {.numbers = {request.numbers.begin(), request.numbers.end()},
                             .words = {request.words.begin(), request.words.end()},
                             .texts = {request.texts.begin(), request.texts.end()}},
                  .past = ml::KnownPast(known.plan, known.fold, known.person, moment_of(at),
                                        ml::session_of(known.plan.domain(), request), catalog)};
  with.past.tell(with.values);
  return with;
}

std::uint64_t hash_of_known(const ml::HistoryPlan& plan, const RankedWith& with,
                            std::span<const RankedItem> items, const ItemOf& item_of) {
  std::uint64_t hash = 0;
  for (const HistoryFeature& feature : plan.domain().histories) {
    if (!feature.of_request()) continue;
    if (!feature.makes_words()) {
      mix(hash, std::bit_cast<std::uint64_t>(with.values.numbers[feature.column]));
    } else if (const Words& told = with.values.words[feature.column]) {
      for (const std::string& word : *told) mix(hash, ml::hash_text(word));
    }
  }
  std::vector<float> known;
  for (const RankedItem& item : items.first(std::min(items.size(), kHashed))) {
    known.clear();
    with.past.append(item_of(item.item), known);
    for (const float value : known) mix(hash, std::bit_cast<std::uint32_t>(value));
  }
  return hash;
}

ItemOf items_in(const ml::HistoryPlan& plan, const ml::Catalog& catalog) {
  return [&plan, &catalog](ItemId item) {
    const auto row = catalog.find(item);
    if (!row) return ml::KnownItem{item};
    return ml::known_item(plan, catalog, *catalog.chunks()[*row / ml::kChunkRows], *row % ml::kChunkRows);
  };
}

Histories::Histories(std::shared_ptr<const Domain> domain, storage::Store& store, queue::HintQueue& hints,
                     Serving& serving, telemetry::Logger& log, std::size_t person_memory,
                     std::string snapshot_file)
    : domain_(std::move(domain)),
      plan_(*domain_),
      store_(store),
      serving_(serving),
      log_(log),
      person_memory_(person_memory),
      snapshot_file_(std::move(snapshot_file)),
      words_(plan_, store),
      fold_(plan_) {
  if (!any()) return;
  subscription_ = hints.subscribe([this](const queue::Change& change) {
    if (!std::holds_alternative<queue::HistoryMoved>(change)) return;
    {
      const Lock lock{waiting_};
      wanted_ = true;
    }
    moved_.notify_all();
  });
}

Histories::~Histories() {
  subscription_.reset();
  stop();
}

Status Histories::start(const std::stop_token& stop) {
  if (!any()) return {};
  if (const Status restored = restore(); !restored) return restored;
  while (!stop.stop_requested()) {
    const auto folded = fold_portion();
    if (!folded) return folded.error();
    if (*folded == 0) break;
  }
  thread_ = std::jthread{[this](const std::stop_token& asked) {
    telemetry::name_this_thread("histories");
    while (!asked.stop_requested()) {
      if (const Status status = without_throwing([&] { return follow(asked); }); !status)
        log_.error("what happened cannot be followed; histories stand still", status.error());
      sleep_for(milliseconds{200}, asked);
    }
    keep(kLittle);
  }};
  return {};
}

// A fold of its own, so that what turns out to be no state of this ledger leaves nothing behind.
Status Histories::restore() {
  if (snapshot_file_.empty()) return {};
  ml::HistoryFold fold(plan_);
  const auto snapshot = read_snapshot(snapshot_file_, plan_, store_, fold);
  if (!snapshot) return snapshot.error();
  if (!*snapshot) return {};
  const WriteLock lock{mutex_};
  fold_ = std::move(fold);
  position_ = (*snapshot)->position;
  folded_ = **snapshot;
  kept_ = position_;
  return {};
}

// Writes what is folded once so much was since the last time. Readers go on, and nobody else changes the
// fold.
void Histories::keep(std::int64_t apart) {
  if (snapshot_file_.empty() || folded_.position - kept_ < apart) return;
  const ml::HistoryFold* fold = nullptr;
  {
    const ReadLock lock{mutex_};
    fold = &fold_;
  }
  const Status kept = keep_snapshot(snapshot_file_, plan_, *fold, folded_);
  if (!kept)
    log_.warning("what happened is not kept folded; the next start reads it again",
                 {{"reason", kept.error().message}});
  kept_ = folded_.position;
}

Status Histories::follow(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto folded = fold_portion();
    if (!folded) return folded.error();
    if (*folded > 0) continue;
    keep(std::max(kMuch, static_cast<std::int64_t>(fold_bytes() / kBytesOfOne)));
    Lock lock{waiting_};
    moved_.wait_for(lock, stop, std::chrono::seconds{1}, [&]() REQUIRES(waiting_) { return wanted_; });
    wanted_ = false;
  }
  return {};
}

std::shared_ptr<const ml::Catalog> Histories::catalog_at(std::int64_t version) {
  const auto catalog = serving_.current()->catalog;
  if (catalog->version() >= version || !serving_.wait_for_catalog(version)) return catalog;
  return serving_.current()->catalog;
}

// The next ones, up to where a position ends; how many there were.
Result<std::size_t> Histories::fold_portion() {
  const std::int64_t from = position();
  if (store_.history_position() <= from) return std::size_t{0};
  std::vector<storage::Happening> portion;
  const Status read =
      store_.each_happening(from, requests_for(plan_), [&](const storage::Happening& happening) {
        if (portion.size() >= kPortion && happening.position != portion.back().position) return false;
        portion.push_back(happening);
        return true;
      });
  if (!read) return read.error();
  if (portion.empty()) return std::size_t{0};
  if (!plan_.words().empty()) {
    std::int64_t newest = 0;
    for (const storage::Happening& each : portion) newest = std::max(newest, each.catalog_version);
    if (const Status learned = words_.learn(portion, catalog_at(newest).get()); !learned)
      return learned.error();
  }
  const Lock turn{turn_};
  const WriteLock lock{mutex_};
  for (const storage::Happening& happening : portion) fold(happening);
  position_ = portion.back().position;
  folded_ = {position_, hash_of(portion.back())};
  if (people_bytes_ > person_memory_) forget();
  return portion.size();
}

void Histories::fold(const storage::Happening& happening) {
  const ml::Person number = ml::person_number(happening.person);
  Person* person = nullptr;
  if (number != 0) {
    if (const auto known = people_.find(number); known != people_.end()) person = known->second.get();
  }
  const std::size_t before = person == nullptr ? 0 : person->history.bytes();
  for (const ml::HistoryEvent& event : events_of(plan_, happening, words_)) {
    fold_.add(event);
    if (person != nullptr) person->history.add(event);
    for (Joining& joining : joining_) {
      if (number != 0 && joining.person == number) joining.since.emplace_back(event, *event.words);
    }
  }
  if (person != nullptr) people_bytes_ += person->history.bytes() - before;
}

// Those who asked least lately, until a good part is free.
void Histories::forget() {
  std::vector<std::pair<std::uint32_t, ml::Person>> people;
  for (const auto& [number, person] : people_) people.emplace_back(person->asked.load(), number);
  std::ranges::sort(people);
  const std::size_t wanted = person_memory_ - person_memory_ / 4;
  for (const auto& [asked, number] : people) {
    if (people_bytes_ <= wanted) break;
    const auto found = people_.find(number);
    people_bytes_ -= std::min(people_bytes_, found->second->history.bytes() + kPerson);
    people_.erase(found);
  }
}

Status Histories::look(const PersonKey& key, const std::function<void(const KnownHistory&)>& look) {
  const ml::Person number = ml::person_number(key);
  // Forgotten again at once only where memory holds hardly anybody.
  constexpr int kTries = 100;
  for (int t = 0; t < kTries; ++t) {
    {
      Lock turn{turn_};
      const ReadLock lock{mutex_};
      turn.unlock();
      const auto found = people_.find(number);
      const bool known = found != people_.end() && is_fresh(*found->second);
      if (number == 0 || known) {
        if (number != 0) found->second->asked.store(sweep_.fetch_add(1));
        look({plan_, fold_, number == 0 ? nullptr : &found->second->history, position_});
        return {};
      }
    }
    if (const Status joined = join(key, number); !joined) return joined.error();
  }
  return Error(ErrorCode::kUnavailable, "memory for people's histories (memory.histories) is short");
}

Status Histories::join(const PersonKey& key, ml::Person number) {
  std::list<Joining>::iterator own;
  std::int64_t up_to = 0;
  {
    const Lock turn{turn_};
    const WriteLock lock{mutex_};
    own = joining_.insert(joining_.end(), {number, {}});
    up_to = position_;
  }
  auto person = std::make_unique<Person>(plan_);
  const Status read = without_throwing([&] { return read_past(key, up_to, person->history); });
  const Lock turn{turn_};
  const WriteLock lock{mutex_};
  for (auto& [event, words] : own->since) {
    event.words = &words;
    person->history.add(event);
  }
  joining_.erase(own);
  if (!read) return read;
  person->asked.store(sweep_.fetch_add(1));
  const std::size_t bytes = person->history.bytes() + kPerson;
  auto& kept = people_[number];
  if (kept != nullptr) people_bytes_ -= std::min(people_bytes_, kept->history.bytes() + kPerson);
  kept = std::move(person);
  people_bytes_ += bytes;
  return {};
}

Status Histories::read_past(const PersonKey& key, std::int64_t up_to, ml::PersonHistory& history) {
  std::vector<storage::Happening> past;
  const Status read =
      store_.each_happening_of(key, requests_for(plan_), [&](const storage::Happening& happening) {
        if (happening.position > up_to) return false;
        past.push_back(happening);
        return true;
      });
  if (!read) return read;
  ItemWordsOfThen words(plan_, store_);
  if (const Status learned = words.learn(past, serving_.current()->catalog.get()); !learned) return learned;
  for (const storage::Happening& happening : past) {
    for (const ml::HistoryEvent& event : events_of(plan_, happening, words)) history.add(event);
  }
  return {};
}

// What another process erases is not told: over many processes people are read again now and then.
bool Histories::is_fresh(const Person& person) const {
  constexpr std::chrono::minutes kFresh{1};
  return !store_.is_shared() || std::chrono::steady_clock::now() - person.read < kFresh;
}

void Histories::forget_people() {
  const Lock turn{turn_};
  const WriteLock lock{mutex_};
  people_.clear();
  people_bytes_ = 0;
}

std::int64_t Histories::behind() const {
  return any() ? std::max<std::int64_t>(0, store_.history_position() - position()) : 0;
}

std::size_t Histories::fold_bytes() const {
  const ReadLock lock{mutex_};
  return fold_.bytes();
}

std::int64_t Histories::position() const {
  const ReadLock lock{mutex_};
  return position_;
}

}  // namespace rankloop::app
