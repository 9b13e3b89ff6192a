// Names in an input that nobody asked for, counted: what is left out is told.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>

namespace rankloop::app {

struct UnknownName {
  std::string name;
  std::int64_t count = 0;
  std::string nearest;  // a known name that may be meant; empty: none
};

// Counts every name, and remembers the first fifty.
class UnknownNames {
 public:
  void add(std::string_view name, std::int64_t count = 1);
  // Of names that were only counted.
  void add_nameless(std::int64_t count) { total_ += count; }
  std::int64_t total() const { return total_; }
  // By name, each with the nearest of `known`.
  std::vector<UnknownName> told(std::span<const std::string_view> known) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> counts_;
  std::int64_t total_ = 0;
};

// [{"name": "prcie", "count": 3, "nearest": "price"}]; "nearest" is null where there is none.
boost::json::array to_json(std::span<const UnknownName> names);
// "'prcie' (3 times; did you mean 'price'?), 'colour' (once)".
std::string in_words(std::span<const UnknownName> names);

}  // namespace rankloop::app
