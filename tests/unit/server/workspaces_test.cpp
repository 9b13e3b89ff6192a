// Two domains in one process: each has a store, a front end, workers and hints of its own, and nothing of one
// is told in the metrics, the log or the hints of the other.
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/strict_json.h"
#include "server/front_end.h"
#include "server/options.h"
#include "server/process.h"
#include "server/workspace.h"
#include "support/rabbitmq_server.h"
#include "support/temporary_folder.h"
#include "sync/mutex.h"
#include "unit/app/use_cases.h"
#include "unit/http/raw_client.h"

namespace rankloop::server {
namespace {

using app::reached;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// One thing of each is named as nothing of the other is.
std::shared_ptr<const Domain> domain_of(const std::string& item, const std::string& field) {
  const DomainCheck check = read_domain(fmt::format("domain.name = '{0}s'\n"
                                                    "request.noun = '{0}_reader'\n"
                                                    "item.noun = '{0}'\n"
                                                    "model.features = ['{1}_wanted', '{1}']\n"
                                                    "[[request.field]]\nname = '{1}_wanted'\ntype = 'int'\n"
                                                    "[[item.field]]\nname = '{1}'\ntype = 'int'\n",
                                                    item, field),
                                        item + ".toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain;
}

// A workspace that serves, and a guest of it.
class Served {
 public:
  Served(Process& process, const std::string& item, const std::string& field, const std::string& queue)
      : item_(item), field_(field) {
    config::Settings settings = process.settings;
    settings.data_dir = (folder_.path() / "data").string();
    settings.queue = queue;
    workspace_ = std::make_unique<Workspace>(process, item + "s", settings, domain_of(item, field));
    const Status opened = workspace_->open([](std::string_view, double, std::string_view) {}, {});
    if (!opened) throw std::runtime_error(opened.error().message);
    front_end_ = FrontEnd::open(*workspace_, *parse_address("127.0.0.1:0")).value();
    heard_ = workspace_->hints().subscribe([this](const queue::Change& change) {
      const Lock lock{mutex_};
      changes_.push_back(change);
    });
    workspace_->run_tasks();
    thread_ = std::thread{[this] { front_end_->run(); }};
  }
  ~Served() {
    front_end_->drain();
    thread_.join();
    front_end_->close();
    heard_.reset();
    workspace_->close();
  }

  testing::Answer ask(std::string_view method, std::string_view path, std::string_view body = {}) {
    const std::string url = front_end_->url();
    testing::RawClient client{static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)))};
    client.send(
        fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    method, path, body.size(), body));
    return client.read();
  }

  // Adds `items`, asks, and answers how many are ranked.
  std::size_t journey(int items) {
    for (int i = 0; i < items; ++i) {
      EXPECT_EQ(ask("POST", "/items", fmt::format(R"({{"{}":{}}})", field_, i)).status, 201);
    }
    const testing::Answer started =
        ask("POST", "/inference/start", fmt::format(R"({{"{}_wanted":3}})", field_));
    EXPECT_EQ(started.status, 200) << started.body;
    const auto answer = parse_strict_json(started.body);
    EXPECT_TRUE(answer);
    const std::string task{answer->at("task_id").as_string()};
    EXPECT_TRUE(reached([&] {
      return ask("GET", "/inference/status/" + task).body.find("SUCCESS") != std::string::npos;
    })) << ask("GET", "/inference/status/" + task).body;
    const auto results = parse_strict_json(ask("GET", "/inference/results/" + task).body);
    EXPECT_TRUE(results && results->is_array());
    return results && results->is_array() ? results->as_array().size() : 0;
  }

  std::vector<queue::Change> changes() {
    const Lock lock{mutex_};
    return changes_;
  }
  Workspace& workspace() { return *workspace_; }

 private:
  const testing::TemporaryFolder folder_;
  const std::string item_;
  const std::string field_;
  Mutex mutex_;
  std::vector<queue::Change> changes_ GUARDED_BY(mutex_);
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<queue::Subscription> heard_;
  std::unique_ptr<FrontEnd> front_end_;
  std::thread thread_;
};

std::set<std::int64_t> catalog_versions(const std::vector<queue::Change>& changes) {
  std::set<std::int64_t> versions;
  for (const queue::Change& change : changes) {
    if (const auto* catalog = std::get_if<queue::CatalogChanged>(&change)) versions.insert(catalog->version);
  }
  return versions;
}

config::Settings settings_of_test() {
  config::Settings settings = *config::load_settings({});
  settings.workers = 1;
  settings.log_level = "debug";
  return settings;
}

void tell_nothing_of_each_other(const std::string& queue) {
  ::testing::internal::CaptureStderr();
  std::string films_metrics;
  std::string books_metrics;
  {
    Process process{settings_of_test()};
    ASSERT_TRUE(process.open());
    {
      Served films{process, "film", "minutes", queue};
      Served books{process, "book", "pages", queue};
      EXPECT_EQ(films.journey(3), 3U);
      EXPECT_EQ(books.journey(5), 5U);
      films.workspace().log.info("looked at", {{"items", films.workspace().items_in_words()}});
      books.workspace().log.info("looked at", {{"items", books.workspace().items_in_words()}});

      // Each catalog counts its own versions, and each hears of its own alone.
      EXPECT_TRUE(reached([&] { return catalog_versions(films.changes()).contains(3); }));
      EXPECT_TRUE(reached([&] { return catalog_versions(books.changes()).contains(5); }));
      EXPECT_EQ(catalog_versions(films.changes()), (std::set<std::int64_t>{1, 2, 3}));
      EXPECT_EQ(catalog_versions(books.changes()), (std::set<std::int64_t>{1, 2, 3, 4, 5}));
      EXPECT_EQ(films.workspace().items_in_words(), "3 films");
      EXPECT_EQ(books.workspace().items_in_words(), "5 books");

      films_metrics = films.ask("GET", "/metrics").body;
      books_metrics = books.ask("GET", "/metrics").body;
    }
    process.close();
  }
  EXPECT_THAT(films_metrics, HasSubstr("rankloop_catalog_items{workspace=\"films\"} 3"));
  EXPECT_THAT(books_metrics, HasSubstr("rankloop_catalog_items{workspace=\"books\"} 5"));
  EXPECT_THAT(films_metrics, HasSubstr("rankloop_task_succeeded_total{workspace=\"films\"} 1"));
  EXPECT_THAT(books_metrics, HasSubstr("rankloop_task_succeeded_total{workspace=\"books\"} 1"));
  for (const char* word : {"book", "pages"}) EXPECT_THAT(films_metrics, Not(HasSubstr(word)));
  for (const char* word : {"film", "minutes"}) EXPECT_THAT(books_metrics, Not(HasSubstr(word)));

  std::istringstream log{::testing::internal::GetCapturedStderr()};
  std::vector<std::string> of_films;
  std::vector<std::string> of_books;
  for (std::string line; std::getline(log, line);) {
    if (line.find("workspace=films") != std::string::npos) of_films.push_back(line);
    if (line.find("workspace=books") != std::string::npos) of_books.push_back(line);
    const bool of_none = line.find("workspace=") == std::string::npos;
    if (of_none) EXPECT_THAT(line, ::testing::AllOf(Not(HasSubstr("film")), Not(HasSubstr("book"))));
  }
  EXPECT_THAT(of_films, Not(SizeIs(0)));
  EXPECT_THAT(of_books, Not(SizeIs(0)));
  EXPECT_THAT(of_films, Each(::testing::AllOf(Not(HasSubstr("book")), Not(HasSubstr("pages")))));
  EXPECT_THAT(of_books, Each(::testing::AllOf(Not(HasSubstr("film")), Not(HasSubstr("minutes")))));
}

TEST(Workspaces, TellNothingOfEachOther) {
  tell_nothing_of_each_other("memory:");
}

TEST(Workspaces, TellNothingOfEachOtherOnOneBroker) {
  tell_nothing_of_each_other(testing::RabbitMqServer::shared().url());
}

// Other processes of a workspace hear it through the broker, those of another workspace do not.
TEST(Workspaces, ReachTheirOwnProcessesThroughOneBroker) {
  telemetry::Logger log{telemetry::LogLevel::kError, telemetry::LogFormat::kText};
  const std::string url = testing::RabbitMqServer::shared().url();
  struct Place {
    std::unique_ptr<queue::HintQueue> sends;
    std::unique_ptr<queue::HintQueue> hears;
    Mutex mutex;
    std::vector<queue::Change> changes GUARDED_BY(mutex);
    std::unique_ptr<queue::Subscription> subscription;
  };
  Place films;
  Place books;
  for (auto& [place, name] : {std::pair<Place&, std::string>{films, "films"}, {books, "books"}}) {
    place.sends = *queue::open_queue(url, queue_options(settings_of_test(), name, log));
    place.hears = *queue::open_queue(url, queue_options(settings_of_test(), name, log));
    place.subscription = place.hears->subscribe([&place](const queue::Change& change) {
      const Lock lock{place.mutex};
      place.changes.push_back(change);
    });
    ASSERT_TRUE(reached([&] { return place.sends->ping() && place.hears->ping(); }));
  }
  const auto versions_heard = [](Place& place) {
    const Lock lock{place.mutex};
    return catalog_versions(place.changes);
  };
  films.sends->broadcast(queue::CatalogChanged{17});
  ASSERT_TRUE(reached([&] { return versions_heard(films).contains(17); }));
  books.sends->broadcast(queue::CatalogChanged{18});
  ASSERT_TRUE(reached([&] { return versions_heard(books).contains(18); }));
  EXPECT_EQ(versions_heard(films), std::set<std::int64_t>{17});
  EXPECT_EQ(versions_heard(books), std::set<std::int64_t>{18});

  const TaskId task = TaskId::make(1, 2, 3);
  films.sends->announce_ready(TaskKind::kInference, task);
  std::stop_source never;
  std::vector<TaskId> taken;
  EXPECT_TRUE(reached([&] {
    taken =
        films.hears->wait_ready(TaskKind::kInference, 1, std::chrono::milliseconds{100}, never.get_token());
    return !taken.empty();
  }));
  EXPECT_THAT(taken, ::testing::ElementsAre(task));
  EXPECT_THAT(
      books.hears->wait_ready(TaskKind::kInference, 1, std::chrono::milliseconds{100}, never.get_token()),
      ::testing::IsEmpty());
}

}  // namespace
}  // namespace rankloop::server
