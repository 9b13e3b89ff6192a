// What a request may do: which role the token that it shows gives it.
#pragma once

#include <array>
#include <string_view>

#include "http/message.h"

namespace rankloop::http {

// Immutable after construction.
class Access {
 public:
  // Without `operator_token` everybody is an operator; without `guest_token` there are no guests.
  Access(std::string_view operator_token, std::string_view guest_token);

  bool asks() const { return asks_; }
  // kNone when the Authorization field shows no token of ours. Takes as long whatever the token is.
  Role role_of(std::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view token);

  bool asks_;
  bool guests_;
  Digest operator_{};
  Digest guest_{};
};

}  // namespace rankloop::http
