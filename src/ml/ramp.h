// How an experiment gets more of the traffic step by step, and when it is to end by itself. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rankloop::ml {

struct RampPlan {
  std::vector<double> steps{};        // of the traffic, for the largest arm; rising. Empty: all at once
  std::chrono::seconds hold{86'400};  // on each step at least
  std::int64_t people = 100;          // that each arm answered at least, before it gets more
};

// What is known of an experiment that runs.
struct RampState {
  double exposure = 0;     // of their planned shares, that the arms have
  double largest_arm = 1;  // its planned share of the traffic
  std::chrono::seconds held{0};
  std::int64_t people = 0;   // in the arm that has the fewest
  std::string broken{};      // the guardrail that an arm is surely beyond; empty: none
  bool ratio_alarm = false;  // the arms have other shares of the people than they were to get
};

enum class RampMove { kHold, kRaise, kStop };

struct RampDecision {
  RampMove move = RampMove::kHold;
  double exposure = 0;  // with kRaise
  std::string reason{};
};

// How much of their shares the arms have on the first step.
double first_exposure(const RampPlan& plan, double largest_arm);
// A broken guardrail stops; an alarm holds, for nothing that is measured can be believed; else it goes on to
// the next step when it was held long enough and enough people were seen.
RampDecision next_step(const RampPlan& plan, const RampState& state);

}  // namespace rankloop::ml
