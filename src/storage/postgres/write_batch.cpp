// A batch from its opening to its commit, with what it counts and tells.
#include "storage/postgres/write_batch.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <thread>
#include <utility>

#include "error/caught.h"
#include "storage/postgres/hints.h"
#include "storage/postgres/ledger_write.h"
#include "storage/postgres/statement_batch.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Time = std::chrono::steady_clock;

constexpr auto kCountAgainAfter = 1s;  // other processes start tasks too
constexpr auto kAskAfterCommit = 5s;   // how long a lost commit's outcome is asked for
constexpr auto kAskTheSilent = 1s;     // the same of a database that answers nobody
constexpr auto kBetweenQuestions = 100ms;

// Every write of this line is one of ours.
LedgerWrite& ledger_write(const std::unique_ptr<Write>& write) {
  return static_cast<LedgerWrite&>(*write);
}

// Another process kept an answer under the same key since this batch looked.
DatabaseError overtaken() {
  return {"40001", "another process kept an answer under this key"};
}

}  // namespace

WriteBatch::WriteBatch(Connector& connector, LowWaterMark& mark, std::string origin,
                       const StoreOptions& options, const StoreListener& listener)
    : connector_(connector),
      mark_(mark),
      origin_(std::move(origin)),
      options_(options),
      listener_(listener) {}

Status WriteBatch::begin() {
  forget();
  if (connection_ != nullptr && !connection_->was_closed()) return {};
  connection_.reset();
  Result<std::unique_ptr<Connection>> made = connector_.connect();
  if (!made) return made.error();
  try {
    (*made)->run("set_up_writes");
    (*made)->run("mark_writer", std::int64_t{options_.most_stall.count()});
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
  connection_ = *std::move(made);
  writer_ = origin_ + "." + std::to_string(++connections_);
  return {};
}

// Queued only: it goes with the first statements. The lock of positions comes before all others, so that
// nobody waits for it who holds what its holder waits for.
void WriteBatch::open_transaction(std::span<const std::unique_ptr<Write>> writes) {
  connection_->send("begin_write");
  connection_->send("add_batch", writer_, ++number_);
  gives_positions_ =
      std::ranges::any_of(writes, [](const auto& write) { return ledger_write(write).gives_positions(); });
  if (gives_positions_) connection_->send("lock_history");
  begun_ = true;
  changed_ = true;
  opened_ = false;
  opened_at_ = Time::now();
}

// The results of what was queued after the transaction was opened.
std::vector<Rows> WriteBatch::flush() {
  std::vector<Rows> results = connection_->flush();
  if (opened_) return results;
  opened_ = true;
  results.erase(results.begin(), results.begin() + (gives_positions_ ? 3 : 2));
  return results;
}

Connection& WriteBatch::opened() {
  if (!opened_) flush();
  return *connection_;
}

Status WriteBatch::run(std::span<const std::unique_ptr<Write>> writes) {
  try {
    run_together(writes);
    return {};
  } catch (const DatabaseError& error) {
    if (connection_->broken()) return error.to_error();
  } catch (const std::bad_alloc&) {
    connection_.reset();  // what is still to come over it is unknown
    return out_of_memory();
  }
  try {
    roll_back();
    for (const std::unique_ptr<Write>& write : writes) ledger_write(write).reset();
    open_transaction(writes);
    flush();
    for (const std::unique_ptr<Write>& write : writes) run_alone(ledger_write(write));
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();
  } catch (const std::bad_alloc&) {
    connection_.reset();
    return out_of_memory();
  }
}

void WriteBatch::run_together(std::span<const std::unique_ptr<Write>> writes) {
  open_transaction(writes);
  find_kept(writes);
  Wave wave;
  std::unordered_set<std::string_view> keys;
  std::unordered_set<std::int64_t> inferences;  // that the wave is about
  const auto end_wave = [&] {
    finish_wave(wave);
    inferences.clear();
  };
  for (const std::unique_ptr<Write>& one : writes) {
    LedgerWrite& write = ledger_write(one);
    const std::string* key = write.key();
    if (key != nullptr && kept_.contains(*key)) {
      write.refuse(kept_already());
    } else if (!write.is_statement() || (key != nullptr && !keys.insert(*key).second)) {
      end_wave();
      run_alone(write);
    } else {
      if (const auto about = write.about(); about && !inferences.insert(about->value).second) {
        end_wave();
        inferences.insert(about->value);
      }
      wave.push_back(&write);
    }
  }
  end_wave();
}

// Which of the keys of a batch have an answer already, asked all at once.
void WriteBatch::find_kept(std::span<const std::unique_ptr<Write>> writes) {
  Array keys(Array::Of::kText);
  for (const std::unique_ptr<Write>& write : writes) {
    if (const std::string* key = ledger_write(write).key()) keys.add(std::string_view(*key));
  }
  if (keys.empty()) return;
  connection_->send("kept_keys", keys);
  const std::vector<Rows> found = flush();
  for (int row = 0; row < found.back().size(); ++row) kept_.insert(found.back()[row].text("key"));
}

void WriteBatch::finish_wave(Wave& wave) {
  if (wave.empty()) return;
  for (LedgerWrite* write : wave) write->prepare(*this);
  Wave sent;
  std::ranges::copy_if(wave, std::back_inserter(sent),
                       [](const LedgerWrite* write) { return !write->refused(); });
  exchange(sent);
  std::size_t kept = 0;
  for (LedgerWrite* write : wave) {
    if (write->key() != nullptr && keep_answer(*write)) ++kept;
  }
  wave.clear();
  if (kept == 0) return;
  for (const Rows& rows : flush()) {
    if (rows.changed() != 1) throw overtaken();
  }
}

// Sends what the writes have to say in one go and hands each what came back.
void WriteBatch::exchange(const Wave& wave) {
  StatementBatch statements(*connection_);
  std::vector<StatementBatch::Place> places;
  for (LedgerWrite* write : wave) {
    write->send(statements);
    places.push_back(statements.place());
  }
  statements.send_gathered();
  const std::vector<Rows> results = flush();
  for (std::size_t i = 0; i < wave.size(); ++i)
    wave[i]->receive(*this, statements.answer(results, places[i]));
}

// Queues the answer to keep, if there is one.
bool WriteBatch::keep_answer(LedgerWrite& write) {
  const std::optional<KeptAnswer> answer = write.answer();
  if (!answer) return false;
  connection_->send("keep_answer", *write.key(), Blob{write.fingerprint()}, answer->status,
                    Blob{answer->body}, answer->task, write.now());
  return true;
}

void WriteBatch::run_alone(LedgerWrite& write) {
  if (write.key() != nullptr && has_row(opened(), "kept_answer", *write.key())) {
    return write.refuse(kept_already());
  }
  const Mark before = mark();
  opened().run("open_savepoint");
  try {
    run_in_savepoint(write);
  } catch (const DatabaseError& error) {
    if (connection_->broken()) throw;
    write.refuse(error.to_error());
  }
  if (write.refused()) {
    connection_->run("undo_savepoint");
    undo_to(before);
  }
  if (write.key() != nullptr && keep_answer(write) && connection_->flush().back().changed() != 1) {
    connection_->run("undo_savepoint");
    undo_to(before);
    write.refuse(kept_already());
  }
  connection_->run("close_savepoint");
}

void WriteBatch::run_in_savepoint(LedgerWrite& write) {
  if (!write.is_statement()) return write.run_body(*this);
  write.prepare(*this);
  if (!write.refused()) exchange({&write});
}

Status WriteBatch::commit() {
  if (!begun_) return {};
  try {
    send_counts();
    send_hints();
    if (gives_positions_) connection_->send("given_position");
    connection_->send("commit");
    const std::vector<Rows> results = flush();
    begun_ = false;
    opened_at_ = Time::time_point{};
    if (results.back().command() == "COMMIT") {
      if (gives_positions_) committed_position_ = results.rbegin()[1].front().integer("position");
      return {};
    }
    return Error{ErrorCode::kUnavailable, "The store did not commit",
                 "the database answered the commit otherwise"};
  } catch (const DatabaseError& error) {
    if (connection_->broken() && committed_after_all()) return {};
    return error.to_error();
  } catch (const std::bad_alloc&) {
    connection_.reset();
    if (committed_after_all()) return {};
    return out_of_memory();
  }
}

// A lock on a row that many count in is held until the commit: all batches take these last, in the same
// order.
void WriteBatch::send_counts() {
  std::map<ModelId, ModelCounts> sums;
  for (const ModelCounts& change : counts_) sums[change.model] += change;
  Table rows;
  for (const auto& [model, sum] : sums) rows.add(model, sum.shown, sum.picked, sum.none, sum.value);
  if (rows.rows() > 0) connection_->send("count_requests", rows);
  Table events;
  for (const EventCount& event : events_) events.add(event.kind, event.minute, event.count);
  if (events.rows() > 0) connection_->send("count_events", events);
}

void WriteBatch::send_hints() {
  {
    const Lock lock(later_mutex_);
    hints_.insert(hints_.end(), std::make_move_iterator(later_.begin()),
                  std::make_move_iterator(later_.end()));
    later_.clear();
  }
  for (const std::string& payload : pack(hints_)) connection_->send("notify", payload);
}

std::vector<std::string> WriteBatch::pack(const std::vector<std::string>& hints) const {
  return pack_hints(origin_, hints, listener_);
}

// The answer to a commit was lost with the connection; the database knows what became of it.
bool WriteBatch::committed_after_all() noexcept {
  const Time::time_point asked = Time::now();
  while (Time::now() < asked + (connector_.silent() ? kAskTheSilent : kAskAfterCommit)) {
    try {
      if (Result<std::unique_ptr<Connection>> made = connector_.connect()) {
        (*made)->send("begin_write");  // and never commits: a commit may have to wait for a standby
        return (*made)->run("claim_batch", writer_, number_).changed() == 0;
      }
    } catch (const std::exception&) {
      // Asked again on another connection.
    }
    std::this_thread::sleep_for(kBetweenQuestions);
  }
  return false;
}

void WriteBatch::roll_back() noexcept {
  forget();
  texts_.forget();
  if (connection_ == nullptr || connection_->broken()) return;
  try {
    connection_->discard();
    if (connection_->in_transaction()) connection_->run("roll_back");
  } catch (const std::exception&) {
    connection_.reset();  // the next batch makes another
  }
}

void WriteBatch::tidy(bool idle) noexcept {
  const Lock lock(later_mutex_);
  if (!idle || later_.empty() || connection_ == nullptr || connection_->broken()) return;
  try {
    for (const std::string& payload : pack(later_)) connection_->send("notify", payload);
    connection_->flush();
  } catch (const std::exception&) {
    // Hints may be lost.
  }
  later_.clear();
}

void WriteBatch::undo_to(const Mark& mark) {
  hints_.resize(mark.hints);
  counts_.resize(mark.counts);
  events_.resize(mark.events);
  texts_.forget();
}

bool WriteBatch::takes_long() const noexcept {
  const Time::time_point since = opened_at_;
  return since != Time::time_point{} && Time::now() > since + options_.most_stall;
}

void WriteBatch::forget() noexcept {
  opened_at_ = Time::time_point{};
  begun_ = false;
  changed_ = false;
  opened_ = false;
  gives_positions_ = false;
  counted_waiting_ = false;
  counts_.clear();
  events_.clear();
  hints_.clear();
  kept_.clear();
}

std::int64_t WriteBatch::last_number() {
  connection_->send("lock_numbers");
  return connection_->run("last_number").front().integer("number");
}

Status WriteBatch::admit_task() {
  const bool old = Time::now() - waiting_counted_ > kCountAgainAfter;
  if ((may_wait_ == 0 || old) && !counted_waiting_) {
    const TaskId from = mark_.get(opened());
    connection_->send("waiting_tasks", from, static_cast<std::int64_t>(options_.max_waiting_tasks));
    const auto waiting = static_cast<std::size_t>(flush().back().front().integer("count"));
    may_wait_ = options_.max_waiting_tasks - waiting;
    waiting_counted_ = Time::now();
    counted_waiting_ = true;  // what this batch has still to send would be missing from another count
  }
  if (may_wait_ == 0) return too_many_wait();
  --may_wait_;
  return {};
}

std::int64_t WriteBatch::source_number(std::string_view name) {
  return texts_.source([this]() -> Connection& { return opened(); }, name);
}

std::int64_t WriteBatch::policy_number(const Policy& policy) {
  return texts_.policy([this]() -> Connection& { return opened(); }, policy);
}

void WriteBatch::tell_registry(std::int64_t version) {
  hint(registry_hint(version));
}

void WriteBatch::tell_changed(const TaskId& task, TaskState state) {
  hint(changed_hint(task, state));
}

void WriteBatch::expect_long_statement(std::size_t bytes) {
  constexpr std::size_t kLong = std::size_t{1} << 20;
  if (bytes > kLong) connection_->run("wait_for_long_statement");
}

void WriteBatch::count(const ModelCounts& change) {
  counts_.push_back(change);
}

void WriteBatch::hint_later(std::string hint) {
  constexpr std::size_t kMost = 10'000;  // while the database is away they are of no use
  const Lock lock(later_mutex_);
  if (later_.size() < kMost) later_.push_back(std::move(hint));
}

}  // namespace rankloop::storage::postgres
