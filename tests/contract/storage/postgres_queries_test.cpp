// Every text that PostgreSQL is given, as its server reads it.
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "contract/storage/store_contract.h"
#include "storage/postgres/connection.h"
#include "storage/queries.h"

namespace rankloop::storage {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

class PostgresQueries : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, PostgresQueries, testing::Values(store_factory("Postgres")),
                         [](const auto& made) { return made.param.name; });

TEST_P(PostgresQueries, ArePreparedAndNameTheirColumns) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(place_->url().c_str()),
                                                                &PQfinish);
  ASSERT_EQ(PQstatus(connection.get()), CONNECTION_OK);
  const Queries queries("postgres");
  EXPECT_GT(queries.all().size(), 80U);
  for (const auto& [name, text] : queries.all()) {
    if (name == "set_up" || name == "set_up_migration") continue;  // scripts
    const Answer prepared(PQprepare(connection.get(), "", text.c_str(), 0, nullptr), &PQclear);
    EXPECT_EQ(PQresultStatus(prepared.get()), PGRES_COMMAND_OK)
        << name << ": " << PQresultErrorMessage(prepared.get());
    const Answer described(PQdescribePrepared(connection.get(), ""), &PQclear);
    const auto named = postgres::positions_of(described.get());
    EXPECT_TRUE(named) << name << ": " << named.error().message;
  }
}

}  // namespace
}  // namespace rankloop::storage
