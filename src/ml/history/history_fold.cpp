// Adds events to the counters of their subjects.
#include "ml/history/history_fold.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

using About = HistorySubject::About;

// Calls `use` with the number of each of the event's subjects.
template <class Use>
void each_key(const HistorySubject& subject, const HistoryEvent& event, const Use& use) {
  if (subject.about == About::kEverything) return use(std::uint64_t{0});
  if (subject.about == About::kItems) return use(static_cast<std::uint64_t>(event.item.value));
  if (event.words == nullptr) return;
  for (const ItemWord& word : of_field(*event.words, subject.word)) use(hash_text(word.text));
}

void add_to(const HistorySubject& subject, const HistoryEvent& event, Moment session, CounterTable& table) {
  const bool counted = std::ranges::any_of(
      subject.counters, [&](const Counter& counter) { return counter.kind == *event.kind; });
  if (!counted) return;
  each_key(subject, event, [&](std::uint64_t key) {
    Cell* const cells = table.at(subject, key);
    for (std::size_t c = 0; c < subject.counters.size(); ++c) {
      const Counter& counter = subject.counters[c];
      if (counter.kind == *event.kind)
        ml::add(counter, cells + subject.offsets[c], event.at, event.people, event.value, session);
    }
  });
}

void add_to_all(const HistoryPlan& plan, bool own, const HistoryEvent& event, Moment session,
                std::vector<CounterTable>& tables) {
  if (!event.kind) return;
  for (std::size_t s = 0; s < tables.size(); ++s) {
    const HistorySubject& subject = plan.subjects()[s];
    if (subject.own == own) add_to(subject, event, session, tables[s]);
  }
}

std::size_t bytes_of(const std::vector<CounterTable>& tables) {
  std::size_t bytes = tables.capacity() * sizeof(CounterTable);
  for (const CounterTable& table : tables) bytes += table.bytes();
  return bytes;
}

}  // namespace

SessionKey session_number(std::string_view word) {
  return word.empty() ? 0 : hash_text(word);
}

SessionKey session_of(const Domain& domain, const ValuesView& request) {
  if (!domain.session) return 0;
  const Words& said = request.words[*domain.session];
  return said && !said->empty() ? session_number(said->front()) : 0;
}

std::span<const ItemWord> of_field(const ItemWords& words, std::size_t field) {
  const auto found = std::ranges::equal_range(words, field, {}, &ItemWord::field);
  return {found.begin(), found.end()};
}

void append_words(const HistoryPlan& plan, std::size_t field, std::span<const std::string> texts,
                  ItemWords& words) {
  const std::size_t most = plan.is_list(field) ? kMostHistoryWords : 1;
  const std::size_t before = words.size();
  for (const std::string& text : texts) {
    if (words.size() == before + most) return;
    const std::span others = std::span(words).subspan(before);
    if (std::ranges::find(others, text, &ItemWord::text) == others.end()) words.push_back({field, text});
  }
}

void HistoryFold::add(const HistoryEvent& event) {
  add_to_all(*plan_, false, event, kNoSession, tables_);
}

std::size_t HistoryFold::bytes() const {
  return sizeof *this + bytes_of(tables_);
}

void HistoryFold::write(const std::function<void(std::span<const std::byte>)>& put) const {
  for (const CounterTable& table : tables_) {
    const std::array<std::uint64_t, 1> size = {table.size()};
    put(std::as_bytes(std::span(size)));
    put(std::as_bytes(table.keys()));
    put(std::as_bytes(table.all_cells()));
  }
}

bool HistoryFold::read(std::size_t size, const std::function<bool(std::span<std::byte>)>& take) {
  for (std::size_t s = 0; s < tables_.size(); ++s) {
    const HistorySubject& subject = plan_->subjects()[s];
    std::array<std::uint64_t, 1> count{};
    if (!take(std::as_writable_bytes(std::span(count))) || count[0] > size / sizeof(std::uint64_t) ||
        count[0] * subject.cells > size / sizeof(Cell)) {
      return false;
    }
    std::vector<std::uint64_t> keys(count[0]);
    std::vector<Cell> cells(count[0] * subject.cells);
    if (!take(std::as_writable_bytes(std::span(keys))) || !take(std::as_writable_bytes(std::span(cells))) ||
        !tables_[s].fill(subject, std::move(keys), std::move(cells))) {
      return false;
    }
  }
  return true;
}

void PersonHistory::add(const HistoryEvent& event) {
  constexpr Moment kGap = std::chrono::milliseconds(kSessionGap).count();
  if (last_ == kNoSession || event.at - last_ > kGap) session_ = event.at;
  last_ = std::max(last_, event.at);
  add_to_all(*plan_, true, event, session_, tables_);
  if (plan_->named() > 0 && event.session != 0) add_to_session(event);
  for (std::size_t list = 0; list < lists_.size(); ++list) {
    if (event.kind == plan_->lists()[list].kind) put_first(list, event);
  }
}

// Also what counts nowhere makes its session the latest: somebody was there.
void PersonHistory::add_to_session(const HistoryEvent& event) {
  const auto known = std::ranges::find(sessions_, event.session, &Named::key);
  if (known != sessions_.end()) {
    std::rotate(sessions_.begin(), known, known + 1);
  } else {
    if (sessions_.size() == kMostSessions) sessions_.pop_back();
    sessions_.insert(sessions_.begin(), {event.session, std::vector<CounterTable>(plan_->named())});
  }
  if (!event.kind) return;
  for (const HistorySubject& subject : plan_->subjects()) {
    if (subject.named) add_to(subject, event, kNamedSession, sessions_.front().tables[*subject.named]);
  }
}

std::span<const CounterTable> PersonHistory::in_session(SessionKey key) const {
  const auto known = std::ranges::find(sessions_, key, &Named::key);
  return known == sessions_.end() ? std::span<const CounterTable>() : std::span(known->tables);
}

void PersonHistory::put_first(std::size_t list, const HistoryEvent& event) {
  const LastList& wanted = plan_->lists()[list];
  std::vector<std::string> fresh;
  if (!wanted.word)
    fresh.push_back(std::to_string(event.item.value));
  else if (event.words != nullptr)
    for (const ItemWord& word : of_field(*event.words, *wanted.word)) fresh.push_back(word.text);
  std::vector<std::string>& words = lists_[list];
  std::erase_if(words,
                [&](const std::string& word) { return std::ranges::find(fresh, word) != fresh.end(); });
  words.insert(words.begin(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
  if (words.size() > wanted.most) words.resize(wanted.most);
}

Moment PersonHistory::session(Moment now) const {
  constexpr Moment kGap = std::chrono::milliseconds(kSessionGap).count();
  return last_ != kNoSession && now - last_ <= kGap ? session_ : kNoSession;
}

std::size_t PersonHistory::bytes() const {
  std::size_t bytes = sizeof *this + bytes_of(tables_) + sessions_.capacity() * sizeof(Named);
  for (const Named& session : sessions_) bytes += bytes_of(session.tables);
  for (const auto& words : lists_) {
    bytes += sizeof(std::vector<std::string>);
    for (const std::string& word : words) bytes += sizeof(std::string) + word.capacity();
  }
  return bytes;
}

}  // namespace rankloop::ml
