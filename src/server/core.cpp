// Builds store, queue, use cases and workers, in this order, and closes them in the other.
#include "server/core.h"

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "server/options.h"
#include "server/version.h"
#include "telemetry/last_line.h"

namespace rankloop::server {
namespace {

// Processes that start at the same moment prepare a store one after the other.
Result<std::unique_ptr<storage::ExclusiveLock>> wait_for_turn(storage::Store& store,
                                                              const PrepareProgress& progress,
                                                              const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kLook{100};
  constexpr int kLooks = 3'000;
  for (int look = 0; look < kLooks; ++look) {
    auto held = store.try_lock("first start", storage::LockEnds::kWithProcess);
    if (!held || *held != nullptr) return held;
    if (stop.stop_requested()) return Error{ErrorCode::kAborted, "stopped before the store was prepared"};
    progress("waiting for another process to prepare the store", static_cast<double>(look) / kLooks, "");
    std::this_thread::sleep_for(kLook);
  }
  return Error{ErrorCode::kUnavailable,
               "another process has been preparing the store for five minutes; end it, or start again later"};
}

}  // namespace

Core::Core(const config::Settings& wanted, std::shared_ptr<const Domain> of_items)
    : settings(wanted),
      domain(std::move(of_items)),
      log(log_level(wanted), log_format(wanted)),
      started_(clock.monotonic()) {
  telemetry::leave_last_line_as(log.format());
}

Status Core::open(const PrepareProgress& progress, const std::stop_token& stop) {
  if (const auto checked = external_options(settings, log); !checked) return checked.error();
  if (Status status = check_trace_page(settings); !status) return status;
  if (Status status = open_tracing(); !status) return status;
  if (Status status = open_store(progress, stop, domain_version_); !status) return status;
  if (Status status = open_use_cases(domain_version_); !status) return status;
  observe();
  return {};
}

Status Core::open_tracing() {
  std::function<void(telemetry::Span)> sink;
  if (auto wanted = exporter_options(settings)) {
    auto opened = telemetry::SpanExporter::open(*std::move(wanted), metrics.tracing, log);
    if (!opened) return opened.error();
    exporter = *std::move(opened);
    sink = [this](telemetry::Span span) { exporter->add(std::move(span)); };
  }
  tracer = std::make_unique<telemetry::Tracer>(settings.tracing_sample, random_bits, std::move(sink));
  return {};
}

Status Core::open_store(const PrepareProgress& progress, const std::stop_token& stop, int& domain_version) {
  queue::QueueOptions wanted = queue_options(settings, log);
  if (settings.workers > 0) wanted.foreign = &door;
  auto queue = queue::open_queue(settings.queue, wanted);
  if (!queue) return queue.error();
  hints = *std::move(queue);
  relay = std::make_unique<app::HintRelay>(*hints);
  std::string url = settings.store;
  if (url.empty()) {
    auto locked = DataDirectory::open(settings.data_dir);
    if (!locked) return locked.error();
    directory = *std::move(locked);
    url = directory->store_url();
  }
  storage::StoreOptions options = store_options(settings, metrics, log);
  auto opened = storage::open_store(url, options, clock, *relay);
  if (!opened) return opened.error();
  store = *std::move(opened);
  gather = storage::worth_gathering(url);
  const auto alone = wait_for_turn(*store, progress, stop);
  if (!alone) return alone.error();
  const Result<int> adopted = adopt_domain(*domain, *store, clock);
  if (!adopted) return adopted.error();
  domain_version = *adopted;
  if (domain->built_in && !settings.empty) {
    Status prepared =
        prepare_default_domain(*domain, domain_version, settings.baseline, *store, clock, progress, stop);
    if (!prepared) return prepared;
  }
  return {};
}

Status Core::open_use_cases(int domain_version) {
  serving = std::make_unique<app::Serving>(domain, *store, *hints, log, settings.memory_item_halves.count);
  if (Status status = serving->start(); !status) return status;
  recent = std::make_unique<app::RecentInferences>(settings.memory_recent_results.count);
  payloads = std::make_unique<app::ItemPayloads>(*store, settings.memory_item_texts.count);
  events = std::make_unique<app::EventCounts>(*store, clock);
  watch = std::make_unique<app::TaskWatch>(*hints, *store);
  inference = std::make_unique<app::Inference>(domain, domain_version, inference_options(settings, *tracer),
                                               *store, *serving, *recent, metrics, log, clock);
  const Result<app::TrainingOptions> wanted = training_options(settings, tracer.get());
  if (!wanted) return wanted.error();
  training =
      std::make_unique<app::Training>(domain, domain_version, *wanted, *store, *serving, metrics, log, clock);
  history = std::make_unique<app::History>(domain, domain_version, *store, *serving, clock);
  models = std::make_unique<app::Models>(*domain, domain_version, *store, clock);
  explanations = std::make_unique<app::Explanations>(*domain, *store);
  drift = std::make_unique<app::Drift>(*domain, *store, clock);
  performance = std::make_unique<app::Performance>(*store, clock);
  retraining =
      std::make_unique<app::Retraining>(retraining_options(settings), *training, *drift, *store, log, clock);
  tasks = std::make_unique<app::Tasks>(*store, metrics);
  catalog = std::make_unique<app::Catalog>(domain, *store, *serving, clock);
  content = std::make_unique<app::Content>(*store);
  if (hints->kind() != "memory") open_to_others();
  workers = std::make_unique<worker::Pool>(*store, *hints, log, settings.tasks_lease, gather);
  maintainer = std::make_unique<worker::Maintainer>(
      *store, *watch, *events, *retraining, foreign_results.get(), log, clock, settings.idempotency_kept_for);
  return {};
}

void Core::open_to_others() {
  foreign_results = std::make_unique<app::ForeignResults>(domain, *store, *inference, *payloads, *serving,
                                                          *hints, log, clock);
  const std::array<std::string, 2> names{settings.celery_inference_task, settings.celery_training_task};
  foreign_tasks = std::make_unique<app::ForeignTasks>(names, domain, *store, *inference, *training, *tasks,
                                                      *foreign_results, clock);
  door.forward_to(foreign_tasks.get());
}

void Core::observe() {
  metrics.name_build(version(), revision());
  metrics.read_with([this] {
    telemetry::Readings now;
    now.waiting_writes = static_cast<double>(store->waiting_writes());
    now.catalog_items = static_cast<double>(catalog->size());
    const WallTime moment = clock.wall();
    for (const TaskKind kind : {TaskKind::kInference, TaskKind::kTraining}) {
      const auto open = store->open_tasks(kind);
      for (const storage::OpenTasks& some : open ? *open : std::vector<storage::OpenTasks>{}) {
        now.tasks.push_back({name_of(kind), name_of(some.state), static_cast<double>(some.count),
                             std::chrono::duration<double>(moment - some.oldest).count()});
      }
    }
    const auto bound = serving->current();
    now.models.push_back({bound->champion.model->family(), "champion"});
    for (const auto& model : bound->challengers) now.models.push_back({model.model->family(), "challenger"});
    for (const auto& model : bound->shadows) now.models.push_back({model.model->family(), "shadow"});
    now.drift = drift->indices();
    const queue::QueueCounts counts = hints->counts();
    now.queue = {static_cast<double>(counts.announced), static_cast<double>(counts.dropped),
                 static_cast<double>(counts.dead_letters), static_cast<double>(counts.connections),
                 hints->kind() == "memory" || hints->reaches_others()};
    return now;
  });
}

std::string Core::items_in_words() const {
  return std::to_string(serving->current()->catalog->live_items()) + " " + domain->item.many;
}

std::string Core::model_in_words() const {
  const auto now = serving->current();
  if (now->champion.id.value == 0) return "random order (no model yet)";
  return std::string{now->champion.model->family()} + " " + std::to_string(now->champion.id.value);
}

double Core::seconds() const {
  return std::chrono::duration<double>(clock.monotonic() - started_).count();
}

// As many slots as the threads would have tasks in hand.
Status Core::open_external() {
  constexpr int kSlotsPerThread = 16;
  const auto options = external_options(settings, log);
  if (!options) return options.error();
  if (!*options || settings.workers == 0) return {};
  auto asked = queue::open_external_workers(**options);
  if (!asked) return asked.error();
  const worker::AskExternalOptions wanted{.slots = kSlotsPerThread * static_cast<int>(settings.workers),
                                          .best = static_cast<int>(settings.ranking_best),
                                          .domain_version = domain_version_,
                                          .lease = settings.tasks_lease};
  external = std::make_unique<worker::AskExternal>(domain, wanted, *store, *serving, *inference,
                                                   *std::move(asked), log, clock);
  return {};
}

void Core::run_tasks() {
  for (const worker::Job& job : worker::job_table(*inference, *training, external.get())) {
    workers->start(job, static_cast<int>(settings.workers));
  }
  maintainer->start();
}

// Order: nothing comes in from other programs, nothing runs tasks any more, what Python workers have is given
// back, the last counts are written, what was queued is committed, and only then may the rest go: completions
// of writes touch the use cases. The spans of all that go last.
void Core::close() {
  if (std::exchange(closed_, true)) return;
  door.forward_to(nullptr);
  if (foreign_tasks) foreign_tasks->stop();
  if (workers) workers->stop();
  if (external) external->close();
  if (drift) drift->stop();
  if (maintainer) maintainer->stop();
  if (foreign_results) foreign_results->stop();
  if (store) store->close();
  constexpr std::chrono::seconds kLastSpans{3};
  if (exporter) exporter->close(kLastSpans);
  log.info("stopped");
}

Result<std::shared_ptr<const Domain>> load_domain(const std::string& file) {
  if (file.empty()) return default_domain();
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read the domain file '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  const DomainCheck check = read_domain(text.str(), file);
  if (check.domain) return check.domain;
  const DomainFault& first = check.faults.front();
  return Error{ErrorCode::kInvalidArgument, file + ":" + std::to_string(first.line) + ": " + first.message +
                                                " (see all with: rankloop domain check " + file + ")"};
}

}  // namespace rankloop::server
