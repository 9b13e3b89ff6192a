// The numbers by which rows name distinct texts: sources and policies. Used on the writer's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/policy.h"
#include "storage/statements.h"

namespace rankloop::storage {

class DistinctTexts {
 public:
  // Found or made, over the connection that `open` answers, and from then on remembered. What is remembered
  // has to be forgotten with every rollback, because the row may have gone with it.
  template <class Open>
  std::int64_t source(const Open& open, std::string_view source) {
    const std::string name(source);
    if (const auto known = sources_.find(name); known != sources_.end()) return known->second;
    return sources_[name] = number_of(open(), "find_source", "add_source", name);
  }
  template <class Open>
  std::int64_t policy(const Open& open, const Policy& policy) {
    const PolicyText text = to_text(policy);
    const std::string key = (policy.deterministic ? "1" : "0") + text.name + '\0' + text.parameters;
    if (const auto known = policies_.find(key); known != policies_.end()) return known->second;
    if (policies_.size() >= kMostPolicies) policies_.clear();  // requests may wish what they like
    return policies_[key] = number_of(open(), "find_policy", "add_policy", text.name, text.parameters,
                                      policy.deterministic);
  }
  void forget() {
    sources_.clear();
    policies_.clear();
  }

 private:
  static constexpr std::size_t kMostPolicies = 1'000;

  std::unordered_map<std::string, std::int64_t> sources_;
  std::unordered_map<std::string, std::int64_t> policies_;
};

}  // namespace rankloop::storage
