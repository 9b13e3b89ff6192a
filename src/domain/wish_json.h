// Wishes as a request and a ranking's policy write them: JSON with the members of a [[wish]] table.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/domain.h"
#include "domain/wish.h"
#include "error/result.h"

namespace rankloop {

inline constexpr std::size_t kMostRequestWishes = 16;           // that a request names
inline constexpr std::size_t kMostRequestWishBytes = 4 * 1024;  // of its own ones, as a ranking keeps them

// What a request wishes: wishes of its own, behind those of the domain but for the ones that it switches off.
struct RequestWishes {
  std::vector<Wish> wishes;
  std::vector<std::string> off;  // names of the domain's

  // With those of the domain.
  std::vector<Wish> beside(std::span<const Wish> of_domain) const;
};

// `given`: the list of a request's body. kInvalidArgument: every fault, below body.`name`.
Result<RequestWishes> read_request_wishes(const boost::json::value& given, std::string_view name,
                                          const Domain& domain);
// As it is kept with a request, and back. kDataLoss: it is no such text of this domain.
std::string to_kept_text(const boost::json::value& given);
Result<RequestWishes> read_kept_request_wishes(std::string_view text, const Domain& domain);

// What WishesInForce::text says. kFailedPrecondition: the domain has lost what one of them speaks of.
Result<std::vector<Wish>> read_kept_wishes(std::string_view text, const Domain& domain);

}  // namespace rankloop
