// What a store costs: whole journeys (start, claim, finish, exposure, feedback) with 64 in flight, the
// latency of a lone start and finish, bytes per journey, and the reading of a large catalog. SQLite in a
// file, or PostgreSQL on a server of the program's own.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "domain/clock.h"
#include "storage/store.h"
#include "support/postgres_server.h"
#include "sync/mutex.h"

namespace {

using namespace rankloop;
using namespace rankloop::storage;
using Seconds = std::chrono::duration<double>;

constexpr int kInFlight = 64;

// Lets one wait for a task that became ready.
class Readiness final : public StoreListener {
 public:
  void task_ready(TaskKind, const TaskId&) noexcept override { ready_.release(); }
  void task_changed(const TaskId&, TaskState) noexcept override {}
  void catalog_changed(std::int64_t) noexcept override {}
  void registry_changed(std::int64_t) noexcept override {}
  void wait() { ready_.acquire(); }

 private:
  std::counting_semaphore<> ready_{0};
};

double now() {
  return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TaskId new_id(const Clock& clock) {
  return TaskId::make(clock.wall().time_since_epoch().count(), random_bits(), random_bits());
}

NewInference request(const Clock& clock) {
  NewInference made;
  made.task = new_id(clock);
  made.payload = std::string(260, 'p');
  made.at = clock.wall();
  made.domain_version = 1;
  return made;
}

Ranking ranking() {
  Ranking made;
  for (int i = 0; i < 210; ++i) {
    const double score = static_cast<double>(random_bits() % 1'000'000) * 1e-6;
    made.items.push_back(
        {ItemId{static_cast<std::int64_t>(random_bits() % 210) + 1}, static_cast<float>(score), 1});
  }
  std::sort(made.items.begin(), made.items.end(),
            [](const auto& a, const auto& b) { return a.score > b.score; });
  made.model = ModelId{1};
  made.catalog_version = 1;
  made.domain_version = 1;
  made.seed = random_bits();
  return made;
}

// One journey after another. Each step is begun by the answer to the one before, on the writer's thread,
// except that a worker's thread claims what has been started, up to 16 at once.
class Journeys {
 public:
  Journeys(Store& store, const Clock& clock)
      : store_(store),
        clock_(clock),
        ranking_(ranking()),
        worker_([this](const std::stop_token& stop) { work(stop); }) {}

  void run(int count) {
    for (int i = 0; i < count; ++i) {
      room_.acquire();
      begin();
    }
    for (int i = 0; i < kInFlight; ++i) room_.acquire();
    room_.release(kInFlight);
  }

 private:
  void begin() {
    NewInference made = request(clock_);
    const TaskId id = made.task;
    store_.start_inference(std::move(made), std::nullopt, [this, id](const Result<StartedInference>&) {
      const Lock lock(mutex_);
      ready_.push_back(id);
      started_.notify_one();
    });
  }
  void work(const std::stop_token& stop) {
    constexpr std::size_t kAtOnce = 16;
    for (Lock lock(mutex_); started_.wait(lock, stop, [this] { return !ready_.empty(); });) {
      std::vector<TaskId> ids(ready_.begin(),
                              ready_.begin() + std::min<std::ptrdiff_t>(std::ssize(ready_), kAtOnce));
      ready_.erase(ready_.begin(), ready_.begin() + std::ssize(ids));
      lock.unlock();
      const auto claimed = store_.claim(TaskKind::kInference, ids, static_cast<int>(ids.size()));
      for (const ClaimedTask& task : *claimed) finish(task.lease);
      lock.lock();
    }
  }
  void finish(const Lease& lease) {
    store_.finish_inference(
        lease, ranking_, {}, clock_.wall(),
        [this, lease](const Result<StartedInference>& done) { expose(lease.task, done->inference); });
  }
  void expose(const TaskId& task, InferenceId inference) {
    store_.record_exposure({inference, 10, clock_.wall(), ExposureSource::kResults},
                           [this, task, inference](const Result<std::vector<Exposure>>&) {
                             NewFeedback feedback{task,      inference, ItemId{5}, 3,
                                                  kPickKind, 1,         1,         clock_.wall()};
                             store_.record_feedback(std::move(feedback), std::nullopt,
                                                    [this](const Result<Exposure>&) { room_.release(); });
                           });
  }

  Store& store_;
  const Clock& clock_;
  const Ranking ranking_;
  std::counting_semaphore<kInFlight> room_{kInFlight};
  Mutex mutex_;
  StoppableCondition started_;
  std::deque<TaskId> ready_;  // guarded by mutex_
  std::jthread worker_;       // the last: it uses everything above
};

// `server_cpu`: seconds of the database's own processes; answers how many journeys there were.
void measure_journeys(Store& store, const Clock& clock, int count,
                      const std::function<double()>& server_cpu) {
  Journeys journeys(store, clock);
  journeys.run(1'000);
  const double begin = now();
  const double cpu = cpu_seconds();
  const double server = server_cpu();
  journeys.run(count);
  const double seconds = now() - begin;
  std::printf("journeys            %8.0f /s, %6.1f us of CPU each (all threads), %.1f us in the server\n",
              count / seconds, (cpu_seconds() - cpu) / count * 1e6, (server_cpu() - server) / count * 1e6);
}

void measure_lone(Store& store, const Clock& clock, int count, Readiness& readiness) {
  std::vector<double> milliseconds;
  for (int i = 0; i < count; ++i) {
    const double begin = now();
    NewInference made = request(clock);
    const TaskId id = made.task;
    std::promise<void> finished;
    store.start_inference(std::move(made), std::nullopt, [](const Result<StartedInference>&) {});
    readiness.wait();
    const auto claimed = store.claim(TaskKind::kInference, std::span(&id, 1), 1);
    store.finish_inference(claimed->front().lease, ranking(), {}, clock.wall(),
                           [&](const Result<StartedInference>&) { finished.set_value(); });
    finished.get_future().wait();
    milliseconds.push_back((now() - begin) * 1e3);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("lone start + finish %8.2f ms median, %.2f ms at p95\n", milliseconds[milliseconds.size() / 2],
              milliseconds[milliseconds.size() * 95 / 100]);
}

void measure_catalog(Store& store, std::int64_t items) {
  constexpr std::int64_t kPart = 5'000;
  const double begin = now();
  for (std::int64_t id = 1; id <= items; id += kPart) {
    CatalogWrite part{.version = 1, .items = {}, .first = id == 1, .last = id + kPart > items};
    for (std::int64_t i = id; i < id + kPart; ++i) part.items.push_back({ItemId{i}, std::string(400, 'i')});
    std::promise<void> written;
    store.write_items(std::move(part), std::nullopt,
                      [&](const Result<std::int64_t>&) { written.set_value(); });
    written.get_future().wait();
  }
  const double written = now();
  std::int64_t seen = 0;
  const auto version = store.each_item([&](const ItemRecord&) { ++seen; });
  const double read = now();
  constexpr int kLookups = 20'000;
  for (int i = 0; i < kLookups; ++i) {
    const ItemId id{static_cast<std::int64_t>(random_bits() % static_cast<std::uint64_t>(items)) + 1};
    if (!store.item(id, *version)) std::abort();
  }
  std::printf("catalog             %8.0f items/s written, %.0f /s streamed (%lld), %.1f us a lookup\n",
              static_cast<double>(items) / (written - begin), static_cast<double>(seen) / (read - written),
              static_cast<long long>(seen), (now() - read) / kLookups * 1e6);
}

// A place of one kind of store.
struct Place {
  std::string url;
  std::function<double()> server_cpu;
  std::function<double()> bytes;  // what the database takes
};

int measure(const Place& place, int journeys, std::int64_t items) {
  const SystemClock clock;
  Readiness listener;
  auto opened = open_store(place.url, {}, clock, listener);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  std::unique_ptr<Store> store = *std::move(opened);
  measure_lone(*store, clock, 300, listener);
  const auto lone = store->counts().inferences;
  measure_journeys(*store, clock, journeys, place.server_cpu);
  const auto all = store->counts().inferences;
  store->close();
  std::printf("database            %8.0f bytes a journey\n", place.bytes() / static_cast<double>(all));
  std::printf("                    (%lld of %lld without exposure and feedback)\n",
              static_cast<long long>(lone), static_cast<long long>(all));
  store.reset();
  opened = open_store(place.url, {}, clock, listener);
  if (opened && items > 0) measure_catalog(**opened, items);
  return 0;
}

}  // namespace

// storage_bench [journeys] [items] [folder] [sqlite|postgres]
int main(int argc, char** argv) {
  const int journeys = argc > 1 ? std::atoi(argv[1]) : 50'000;
  const std::int64_t items = argc > 2 ? std::atoll(argv[2]) : 200'000;
  const std::filesystem::path parent = argc > 3 ? argv[3] : std::filesystem::temp_directory_path();
  if (argc > 4 && std::string_view(argv[4]) == "postgres") {
    PostgresServer server(parent, true);
    const std::string name = server.create_database();
    const auto bytes = [&] {
      return std::stod(server.execute(name, "SELECT pg_database_size('" + name + "')").front());
    };
    return measure({server.url(name), [&] { return server.cpu_seconds(); }, bytes}, journeys, items);
  }
  std::string pattern = (parent / "rankloop-bench-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const std::string file = (folder / "rankloop.db").string();
  const auto bytes = [&] { return static_cast<double>(std::filesystem::file_size(file)); };
  const int outcome = measure({"sqlite:" + file, [] { return 0.0; }, bytes}, journeys, items);
  std::filesystem::remove_all(folder);
  return outcome;
}
