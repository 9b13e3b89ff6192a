// The declarations of what stands beside the domain's fields in a request.
#include "app/serve/request_envelope.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kCandidates = "candidates";

}  // namespace

const TextInput kUserKey{.name = "user_key",
                         .help = "The person's own id, opaque to us.",
                         .least = 1,
                         .most = 128,
                         .characters = Characters::kAllButNul};

ItemsInput candidates_input(int best, ItemIdType type) {
  return {.name = kCandidates,
          .help = "Ids of the items to rank instead of the whole catalog.",
          .help_of_one = "An item's id; unknown ones are left out, which the answer tells.",
          .most = static_cast<std::size_t>(best),
          .type = type};
}

std::array<std::string_view, 3> envelope_names() {
  return {kUserKey.name, kCandidates, kWishes};
}

}  // namespace rankloop::app
