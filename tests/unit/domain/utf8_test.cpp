// What is UTF-8, wherever in a text it stands: plain ASCII is passed over eight bytes at a time.
#include "domain/utf8.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(IsUtf8, LooksAtEveryByteOfALongText) {
  const std::string plain(40, 'a');
  EXPECT_TRUE(is_utf8(plain));
  for (std::size_t at = 0; at <= plain.size(); ++at) {
    for (const std::string_view good : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
      EXPECT_TRUE(is_utf8(std::string{plain}.insert(at, good))) << at;
    for (const std::string_view bad :
         {"\xe9", "\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
      EXPECT_FALSE(is_utf8(std::string{plain}.insert(at, bad))) << at;
  }
  EXPECT_FALSE(is_utf8(plain + "\xe2\x82"));
  EXPECT_TRUE(is_utf8(""));
}

}  // namespace
}  // namespace rankloop
