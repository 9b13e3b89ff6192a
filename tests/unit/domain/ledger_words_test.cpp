// The words of the ledger are stored: each is read as it was written, and none ever changes.
#include "domain/ledger_words.h"

#include <initializer_list>
#include <string_view>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

// From the first value of the enum on.
template <class Enum, class Parse>
void expect_names(std::initializer_list<std::string_view> names, const Parse& parse) {
  int value = 0;
  for (const std::string_view name : names) {
    EXPECT_EQ(name_of(static_cast<Enum>(value)), name);
    EXPECT_EQ(parse(name), static_cast<Enum>(value)) << name;
    ++value;
  }
  EXPECT_FALSE(parse("")) << "an empty name";
  EXPECT_FALSE(parse("Import")) << "another case";
}

TEST(LedgerWords, AreReadAsTheyAreWritten) {
  expect_names<RequestSource>({"api", "celery", "import"}, parse_request_source);
  expect_names<ExposureSource>({"results", "start", "import"}, parse_exposure_source);
  expect_names<Verdict>({"promote", "reject", "insufficient_evidence"}, parse_verdict);
  expect_names<ModelEventKind>({"trained", "promoted", "rejected", "insufficient_evidence", "rolled_back",
                                "share", "shadow", "removed", "added"},
                               parse_model_event_kind);
}

}  // namespace
}  // namespace rankloop
