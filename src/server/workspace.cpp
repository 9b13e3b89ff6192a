// Builds store, queue, use cases and workers, in this order, and closes them in the other.
#include "server/workspace.h"

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "ml/history/history_plan.h"
#include "server/options.h"
#include "server/version.h"

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

Workspace::Workspace(Process& of_process, std::string named, const config::Settings& wanted,
                     std::shared_ptr<const Domain> of_items)
    : process(of_process),
      name(std::move(named)),
      settings(wanted),
      domain(std::move(of_items)),
      log(process.log, name),
      metrics(name) {}

Status Workspace::open(const PrepareProgress& progress, const std::stop_token& stop,
                       DomainAdoption adoption) {
  if (const auto checked = external_options(settings, log); !checked) return checked.error();
  if (Status status = open_store(progress, stop, adoption); !status) return status;
  if (Status status = open_use_cases(); !status) return status;
  metrics.name_build(version(), revision());
  metrics.read_with([this] { return read(); });
  return {};
}

Status Workspace::open_directory() {
  if (directory_) return {};
  auto locked = DataDirectory::open(settings.data_dir);
  if (!locked) return locked.error();
  directory_ = *std::move(locked);
  return {};
}

Status Workspace::open_store(const PrepareProgress& progress, const std::stop_token& stop,
                             DomainAdoption adoption) {
  queue::QueueOptions wanted = queue_options(settings, name, log);
  if (settings.workers > 0) wanted.foreign = &foreign_;
  auto queue = queue::open_queue(settings.queue, wanted);
  if (!queue) return queue.error();
  hints_ = *std::move(queue);
  relay_ = std::make_unique<app::HintRelay>(*hints_);
  std::string url = settings.store;
  if (url.empty()) {
    if (Status locked = open_directory(); !locked) return locked;
    url = directory_->store_url();
  }
  storage::StoreOptions options = store_options(settings, metrics, log);
  options.histories = !ml::HistoryPlan(*domain).empty();
  auto opened = storage::open_store(url, options, process.clock, *relay_);
  if (!opened) return opened.error();
  store_ = *std::move(opened);
  gather_ = storage::worth_gathering(url);
  const auto alone = wait_for_turn(*store_, progress, stop);
  if (!alone) return alone.error();
  const Result<int> adopted = adopt_domain(*domain, *store_, process.clock, adoption);
  if (!adopted) return adopted.error();
  domain_version_ = *adopted;
  if (!domain->built_in || settings.empty) return {};
  return prepare_default_domain(*domain, domain_version_, settings.baseline, *store_, process.clock, progress,
                                stop);
}

Status Workspace::open_use_cases() {
  Result<app::UseCaseOptions> wanted = use_case_options(settings, *domain, process.tracer());
  if (!wanted) return wanted.error();
  const app::Foundation on{domain, domain_version_, *store_, *hints_, metrics, log, process.clock};
  app_ = std::make_unique<app::UseCases>(on, *std::move(wanted));
  if (Status status = app_->open(); !status) return status;
  if (app_->foreign_tasks) foreign_.forward_to(&*app_->foreign_tasks);
  workers_ = std::make_unique<worker::Pool>(*store_, *hints_, log, settings.tasks_lease, gather_);
  app::ForeignResults* const results = app_->foreign_results ? &*app_->foreign_results : nullptr;
  maintainer_ = std::make_unique<worker::Maintainer>(*store_, app_->watch, app_->events, app_->retraining,
                                                     app_->experiment_ramp, results, log, process.clock,
                                                     settings.idempotency_kept_for);
  return {};
}

telemetry::Readings Workspace::read() const {
  telemetry::Readings now;
  now.waiting_writes = static_cast<double>(store_->waiting_writes());
  now.catalog_items = static_cast<double>(app_->catalog.size());
  now.history_behind = static_cast<double>(app_->histories.behind());
  const WallTime moment = process.clock.wall();
  for (const TaskKindTraits& kind : kTaskKinds) {
    now.task_kinds.push_back(kind.name);
    const auto open = store_->open_tasks(kind.kind);
    for (const storage::OpenTasks& some : open ? *open : std::vector<storage::OpenTasks>{}) {
      now.tasks.push_back({kind.name, name_of(some.state), static_cast<double>(some.count),
                           std::chrono::duration<double>(moment - some.oldest).count()});
    }
  }
  const auto served = app_->serving.current();
  now.models.push_back({served->champion.model->family(), "champion"});
  for (const auto& model : served->challengers) now.models.push_back({model.model->family(), "challenger"});
  for (const auto& model : served->shadows) now.models.push_back({model.model->family(), "shadow"});
  now.drift = app_->drift.indices();
  const queue::QueueCounts counts = hints_->counts();
  now.queue = {static_cast<double>(counts.announced), static_cast<double>(counts.dropped),
               static_cast<double>(counts.dead_letters), static_cast<double>(counts.connections),
               hints_->kind() == "memory" || hints_->reaches_others()};
  const telemetry::SpanCounts spans = process.spans();
  now.spans = {static_cast<double>(spans.exported), static_cast<double>(spans.dropped)};
  return now;
}

std::string Workspace::items_in_words() const {
  return std::to_string(app_->serving.current()->catalog->live_items()) + " " + domain->item.many;
}

std::string Workspace::model_in_words() const {
  const auto now = app_->serving.current();
  if (now->champion.id.value == 0) return "random order (no model yet)";
  return std::string{now->champion.model->family()} + " " + std::to_string(now->champion.id.value);
}

// As many slots as the threads would have tasks in hand.
Status Workspace::open_external() {
  constexpr int kSlotsPerThread = 16;
  const auto options = external_options(settings, log);
  if (!options) return options.error();
  if (!*options || settings.workers == 0) return {};
  auto asked = queue::open_external_workers(**options);
  if (!asked) return asked.error();
  const worker::AskExternalOptions wanted{.slots = kSlotsPerThread * static_cast<int>(settings.workers),
                                          .lease = settings.tasks_lease};
  app::ExternalRanking ranking{domain, domain_version_, static_cast<int>(settings.ranking_best),
                               app_->serving, app_->inference};
  external_ = std::make_unique<worker::AskExternal>(wanted, *store_, std::move(ranking), app_->inference,
                                                    *std::move(asked), log, process.clock);
  return {};
}

void Workspace::run_tasks() {
  for (const worker::Job& job :
       worker::job_table({*store_, log, process.clock, app_->inference, app_->training, app_->evaluation,
                          app_->window_replays, app_->persons, external_.get()})) {
    workers_->start(job, static_cast<int>(settings.workers));
  }
  maintainer_->start();
}

// Order: nothing comes in from other programs, nothing runs tasks any more, what Python workers have is given
// back, the last counts are written, what was queued is committed, and only then may the rest go: completions
// of writes touch the use cases.
void Workspace::close() {
  if (std::exchange(closed_, true)) return;
  foreign_.forward_to(nullptr);
  if (app_ && app_->foreign_tasks) app_->foreign_tasks->stop();
  if (workers_) workers_->stop();
  if (external_) external_->close();
  if (app_) app_->drift.stop();
  if (maintainer_) maintainer_->stop();
  if (app_ && app_->foreign_results) app_->foreign_results->stop();
  if (app_) app_->serving.stop();  // its reading would hold the store
  if (store_) store_->close();
}

}  // namespace rankloop::server
