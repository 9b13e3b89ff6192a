// Members that are found in a server's answers.
#include "simulate/answers.h"

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

TEST(Answers, GiveTheirStringMembers) {
  const std::string_view json = R"({"task_id": "0189-ab", "status" :"SUCCESS","type":"inference"})";
  EXPECT_EQ(string_member(json, "task_id"), "0189-ab");
  EXPECT_EQ(string_member(json, "status"), "SUCCESS");
  EXPECT_FALSE(string_member(json, "state"));
  EXPECT_FALSE(string_member(R"({"status":3})", "status"));
  EXPECT_FALSE(string_member(R"({"status":"a\"b"})", "status"));
  EXPECT_FALSE(string_member(R"({"status":"cut)", "status"));
  EXPECT_FALSE(string_member(R"({"status")", "status"));
  EXPECT_FALSE(string_member("", "status"));
}

TEST(Answers, DoNotTakeATextForAMember) {
  EXPECT_EQ(string_member(R"({"detail":"\"status\":\"no\"","status":"yes"})", "status"), "yes");
  EXPECT_EQ(string_member(R"({"name":"status","status":"yes"})", "status"), "yes");
  EXPECT_EQ(string_member(R"({"xstatus":"no","status":"yes"})", "status"), "yes");
}

TEST(Answers, GiveTheIdsOfResultsInOrder) {
  std::vector<ItemId> ids = {ItemId{1}};
  ASSERT_TRUE(read_location_ids(R"([{"location_id":7,"score":0.5},{"score":0.4, "location_id" : 12}])", ids));
  EXPECT_EQ(ids, (std::vector<ItemId>{ItemId{7}, ItemId{12}}));
  ASSERT_TRUE(read_location_ids("[]", ids));
  EXPECT_TRUE(ids.empty());
  EXPECT_FALSE(read_location_ids(R"([{"location_id":"7"}])", ids));
  EXPECT_FALSE(read_location_ids(R"([{"location_id":)", ids));
}

}  // namespace
}  // namespace rankloop::simulate
