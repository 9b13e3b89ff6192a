// TOML texts that would ask too much of their parser.
#include "domain/toml_bounds.h"

#include <string>

#include <gtest/gtest.h>

#include "domain/domain.h"

namespace rankloop {
namespace {

std::string dotted(int parts, const std::string& part = "a") {
  std::string name = part;
  for (int i = 1; i < parts; ++i) name += "." + part;
  return name;
}
bool exceeds(const std::string& text) {
  return toml_excess(text).has_value();
}

TEST(TomlBounds, RefusesNamesOfManyParts) {
  EXPECT_FALSE(exceeds("[" + dotted(32) + "]\n" + dotted(32) + " = 1\n"));
  EXPECT_TRUE(exceeds("[" + dotted(33) + "]\n"));
  EXPECT_TRUE(exceeds(dotted(100'000) + " = 1\n"));
  EXPECT_TRUE(exceeds("x = {" + dotted(33) + " = 1}\n"));
  EXPECT_TRUE(exceeds(dotted(33, "\"a\"") + " = 1\n"));
  const auto found = toml_excess("b = 1\n[" + dotted(40) + "]\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 2U);
}

TEST(TomlBounds, RefusesDeepListsAndTables) {
  EXPECT_FALSE(exceeds("a = [[[1]]]\n[[b]]\n"));
  EXPECT_TRUE(exceeds("a = " + std::string(33, '[')));
  std::string tables = "a = ";
  for (int i = 0; i < 40; ++i) tables += "{a = ";
  EXPECT_TRUE(exceeds(tables));
}

TEST(TomlBounds, LooksIntoNoTextsAndComments) {
  const std::string dots(100, '.');
  EXPECT_FALSE(exceeds("# " + dots + "\na = \"" + dots + "\\\"" + dots + "\"\nb = '" + dots + "\\'\n"));
  EXPECT_FALSE(exceeds("a = \"\"\"\n" + dots + "\n\"" + dots + "\"\"\"\nb = '''" + dots + "'''\nc = 1.5\n"));
  // Quotes beside the closing ones hide nothing of what follows.
  EXPECT_TRUE(exceeds("x = [\"\"\"a\"\"\"\", {" + dotted(40) + " = 1}]\n"));
  EXPECT_TRUE(exceeds("x = ['''a'''', {" + dotted(40) + " = 1}]\n"));
}

TEST(TomlBounds, GuardTheReaderOfDomains) {
  for (const std::string& text : {"[" + dotted(100'000) + "]\n", std::string((1 << 20) + 1, 'a')}) {
    const DomainCheck check = read_domain(text, "hostile.toml");
    EXPECT_FALSE(check.domain);
    ASSERT_EQ(check.faults.size(), 1U);
    EXPECT_EQ(check.faults.front().line, 1);
  }
}

}  // namespace
}  // namespace rankloop
