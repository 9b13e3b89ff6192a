// Logs of what was picked, where nothing says what was shown.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "infer/infer_domain.h"

namespace rankloop::infer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kFilms =
    "film_id,title,genre,price\n11,One,drama,9.5\n12,Two,comedy,1.25\n13,Three,drama,3.5\n14,Four,war,4.5\n";

Inferred infer(std::string_view log, Options options = {}) {
  options.events = true;
  const Sources sources{
      {"films.csv", tables::Bytes(kFilms)}, SourceTable{"log.csv", tables::Bytes(log)}, std::nullopt};
  auto inferred = infer_domain(sources, options);
  EXPECT_TRUE(inferred) << inferred.error().message;
  return inferred ? *std::move(inferred) : Inferred{};
}

TEST(EventRoles, TakeALogOfClicksForEvents) {
  const Inferred inferred = infer(
      "user_id,film_id,clicked_at\nu1,11,2026-01-01 10:00:00\nu2,12,2026-01-01 11:00:00\n"
      "u1,13,2026-01-02 10:00:00\n");
  const HistoryColumnNames& names = inferred.history_columns;
  EXPECT_TRUE(names.events);
  EXPECT_FALSE(names.importable);
  EXPECT_EQ(names.request, "");
  EXPECT_EQ(names.person, "user_id");
  EXPECT_EQ(names.item, "film_id");
  EXPECT_EQ(names.moment, "clicked_at");  // without an offset, which a field of the domain would need
  EXPECT_EQ(names.pick, "");
  EXPECT_THAT(inferred.doubts, Contains(HasSubstr("drawn by chance")));
}

TEST(EventRoles, TakeOrdersForEventsThatBelongTogether) {
  const Inferred inferred = infer(
      "order_id,customer_id,film_id,quantity,paid\n1,u1,11,2,19\n1,u1,12,1,1.25\n2,u2,13,0,3.5\n3,u1,14,1,4."
      "5\n");
  const HistoryColumnNames& names = inferred.history_columns;
  EXPECT_TRUE(names.events);
  EXPECT_EQ(names.request, "order_id");
  EXPECT_EQ(names.pick, "quantity");
  EXPECT_FALSE(names.rated);
}

TEST(EventRoles, TakeRatingsForEventsAndNoPersonForARequest) {
  const Inferred inferred = infer(
      "userId,film_id,rating,timestamp\n1,11,4.5,1700000000\n1,12,3,1700000001\n2,13,5,1700000002\n"
      "1,11,1,1700000009\n");
  EXPECT_TRUE(inferred.history_columns.events);
  EXPECT_TRUE(inferred.history_columns.rated);
  EXPECT_EQ(inferred.history_columns.person, "userId");
  EXPECT_EQ(inferred.history_columns.request, "");
  EXPECT_EQ(inferred.history_columns.moment, "timestamp");
  EXPECT_THAT(inferred.doubts, Contains(HasSubstr("from their mean on")));
  EXPECT_THAT(inferred.doubts, Not(Contains(HasSubstr("weights of picks"))));
}

TEST(EventRoles, MakeNoFieldsOfColumnsThatMaySpeakOfThePick) {
  const Inferred inferred =
      infer("user_id,film_id,amount,genre_of_film\nu1,11,9.5,drama\nu2,12,1.25,comedy\n");
  const DomainCheck check = read_domain(inferred.text, "inferred");
  ASSERT_TRUE(check.domain);
  EXPECT_EQ(check.domain->requests.field("amount"), nullptr);
  EXPECT_EQ(check.domain->requests.field("genre_of_film"), nullptr);
}

TEST(EventRoles, AreNoneOfAHistoryWithLists) {
  const Inferred inferred = infer(
      "search_id,user_id,film_id,clicked,device\ns1,u1,11,0,phone\ns1,u1,12,1,phone\ns2,u2,13,1,desk\n"
      "s2,u2,11,0,desk\n");
  EXPECT_FALSE(inferred.history_columns.events);
  EXPECT_TRUE(inferred.history_columns.importable);
}

TEST(EventRoles, AreThoseOfRequestsWithASingleRow) {
  const Inferred inferred = infer("session_id,film_id,clicked\ns1,11,1\ns2,12,0\ns3,13,1\ns4,11,1\n");
  EXPECT_TRUE(inferred.history_columns.events);
  EXPECT_THAT(inferred.doubts, Contains(HasSubstr("rows that say that nothing was picked are left out")));
}

TEST(EventRoles, AreTakenForAskingOnly) {
  const Sources sources{
      {"films.csv", tables::Bytes(kFilms)},
      SourceTable{"log.csv", tables::Bytes(std::string_view{"user_id,film_id\nu1,11\nu2,12\n"})},
      std::nullopt};
  const auto inferred = infer_domain(sources, {});
  ASSERT_TRUE(inferred);
  EXPECT_FALSE(inferred->history_columns.events);
}

TEST(NamedId, IsTakenOverTheOneThatLooksLikeIt) {
  constexpr std::string_view kBooks = "id,shelf,title\n1,31,One\n2,32,Two\n3,33,Three\n";
  const Sources sources{{"books.csv", tables::Bytes(kBooks)}, std::nullopt, std::nullopt};
  Options options;
  options.id_column = "shelf";
  const auto inferred = infer_domain(sources, options);
  ASSERT_TRUE(inferred) << inferred.error().message;
  EXPECT_EQ(inferred->id_column, "shelf");
  options.id_column = "shelv";
  const auto unknown = infer_domain(sources, options);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("no column 'shelv', did you mean 'shelf'"));
  options.id_column = "title";
  const auto texts = infer_domain(sources, options);
  ASSERT_TRUE(texts) << texts.error().message;
  EXPECT_EQ(texts->id_column, "title");
}

}  // namespace
}  // namespace rankloop::infer
