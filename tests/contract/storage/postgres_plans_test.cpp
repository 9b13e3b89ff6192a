// How PostgreSQL finds what is asked: by an index, whatever the size of the tables.
#include <algorithm>
#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"
#include "storage/queries.h"
#include "support/postgres_server.h"

namespace rankloop::storage {
namespace {

using testing::HasSubstr;
using testing::Not;

// A ledger of a size at which plans matter.
constexpr const char* kManyRows = R"(
INSERT INTO users SELECT n, 0, 1, NULL, '{}' FROM generate_series(1, 20000) AS n;
INSERT INTO inferences SELECT n, gen_random_uuid(), n, 0, 1, 1, NULL FROM generate_series(1, 20000) AS n;
INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, finished)
SELECT task_id, 0, 3, 1, 1, id, 0, 1 FROM inferences;
UPDATE tasks SET state = 1, finished = NULL WHERE subject % 100 = 0;
INSERT INTO rankings SELECT n, 1, 1, 0, 1, 1, 1, '' FROM generate_series(1, 20000) AS n;
INSERT INTO shadow_rankings SELECT n, 1, 1, 0, 1, 1, '' FROM generate_series(1, 20000) AS n;
INSERT INTO exposures SELECT n, 1, 1, 0, 1 FROM generate_series(1, 20000) AS n;
INSERT INTO feedback SELECT n, 1, 1, 1, 'pick', 1, 1, 0 FROM generate_series(1, 20000) AS n;
INSERT INTO items SELECT n, 1, 0, '{}' FROM generate_series(1, 20000) AS n;
INSERT INTO answers SELECT n::text, '', 200, '', NULL, 0 FROM generate_series(1, 20000) AS n;
INSERT INTO replies SELECT id, '', '' FROM tasks WHERE subject % 1000 = 0;
UPDATE users SET user_key = 'person ' || id % 100;
INSERT INTO person_events (user_key, item, kind, value, at, received)
SELECT 'person ' || n % 100, 1, 'buy', 1, 0, 0 FROM generate_series(1, 20000) AS n;
ANALYZE;
)";

// What is asked or written by an id.
constexpr std::string_view kById[] = {"finish_inferences",
                                      "finish_inference_with_shadows",
                                      "record_exposures",
                                      "record_feedbacks",
                                      "shadow_rankings",
                                      "inference",
                                      "ranked",
                                      "user",
                                      "users",
                                      "claim_named",
                                      "claim_oldest",
                                      "prolong_lease",
                                      "release_task",
                                      "end_job",
                                      "open_beside",
                                      "fail_task",
                                      "cancel_task",
                                      "revive_task",
                                      "task",
                                      "tasks",
                                      "unfinished_tasks",
                                      "tasks_with_error",
                                      "jobs",
                                      "oldest_open",
                                      "items",
                                      "kept_answer",
                                      "stored_person",
                                      "person",
                                      "requests_of_person",
                                      "newest_requests_of_person",
                                      "events_of_person",
                                      "begin_erasure",
                                      "erase_events",
                                      "unlink_events",
                                      "requests_to_unlink",
                                      "unlink_request",
                                      "kept_keys",
                                      "wake_tasks",
                                      "expire_tasks",
                                      "due_replies",
                                      "take_back_tasks",
                                      "ready_tasks",
                                      "waiting_tasks",
                                      "open_tasks"};

class PostgresPlans : public StoreContract {
 protected:
  PostgresServer& server() { return PostgresServer::instance(); }
  std::string database() const { return PostgresServer::database_of(place_->url()); }
  const Queries queries_{"postgres"};

  // Whatever the size of the tables.
  void expect_plans_by_id() {
    for (const std::string_view name : kById) {
      const std::string plan = plan_of(std::string(queries_.text(name)));
      for (const char* table : {"tasks", "users", "inferences", "rankings", "shadow_rankings", "exposures",
                                "feedback", "items", "answers", "person_events"}) {
        EXPECT_THAT(plan, Not(HasSubstr(std::string("Seq Scan on ") + table))) << name;
      }
      EXPECT_THAT(plan, Not(testing::ContainsRegex("hashed SubPlan"))) << name << "\n" << plan;
      EXPECT_THAT(
          plan,
          testing::ContainsRegex(
              "_pkey|shadow_rankings_inference_id|_by_person|tasks_(open|jobs|one_at_a_time|with_error)"))
          << name;
    }
  }
  // As many rows as are asked for, in the order of an index, and no more.
  void expect_plans_that_end_early() {
    for (const std::string_view name : {"outcome_counts", "nth_newest_outcome"}) {
      const std::string plan = plan_of(std::string(queries_.text(name)));
      EXPECT_THAT(plan, testing::ContainsRegex("_pkey")) << name << "\n" << plan;
      EXPECT_THAT(plan, Not(testing::ContainsRegex("Sort|HashAggregate|Seq Scan"))) << name << "\n" << plan;
    }
  }
  // The plan that a statement has whatever its parameters are.
  std::string plan_of(const std::string& sql) {
    int parameters = 0;
    while (sql.find("$" + std::to_string(parameters + 1)) != std::string::npos) ++parameters;
    std::string values;
    for (int i = 0; i < parameters; ++i) values += i == 0 ? "(NULL" : ", NULL";
    if (parameters > 0) values += ")";
    std::string plan;
    for (const std::string& line : server().execute(
             database(), std::string(queries_.text("set_up")) + std::string(queries_.text("set_up_writes")) +
                             "PREPARE asked AS " + sql.substr(0, sql.rfind(';')) + "; EXPLAIN EXECUTE asked" +
                             values)) {
      plan += line + "\n";
    }
    return plan;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresPlans, testing::Values(store_factory("Postgres")),
                         [](const auto& made) { return made.param.name; });

// A plan is made once for a connection, perhaps while the tables are empty.
TEST_P(PostgresPlans, FindsByThePrimaryKeyWhatIsAskedByIdInASmallLedger) {
  expect_plans_by_id();
}

// However large the ledger grows, what is asked by an id is found by it.
TEST_P(PostgresPlans, FindsByThePrimaryKeyWhatIsAskedById) {
  server().execute(database(), kManyRows);
  expect_plans_by_id();
  // Few replies wait as long as they can be sent; after an outage of the broker there are many to forget.
  server().execute(
      database(), "INSERT INTO replies SELECT id, '', '' FROM tasks ON CONFLICT DO NOTHING; ANALYZE replies");
  EXPECT_THAT(plan_of(std::string(queries_.text("forget_replies"))), HasSubstr("replies_pkey"));
}

// Whether there is enough to learn from is asked often, of a ledger that only grows.
TEST_P(PostgresPlans, CountsOutcomesOnlyUpToWhatIsAskedFor) {
  expect_plans_that_end_early();
  server().execute(database(), kManyRows);
  expect_plans_that_end_early();
}

}  // namespace
}  // namespace rankloop::storage
