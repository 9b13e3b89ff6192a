// Compares tokens in constant time.
#include "http/access.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "http/ascii.h"

namespace rankloop::http {

Access::Access(std::string_view operator_token, std::string_view guest_token)
    : asks_(!operator_token.empty()),
      guests_(!guest_token.empty()),
      operator_(digest_of(operator_token)),
      guest_(digest_of(guest_token)) {}

Access::Digest Access::digest_of(std::string_view token) {
  Digest digest{};
  unsigned int size = 0;
  EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return digest;
}

Role Access::role_of(std::string_view authorization) const {
  if (!asks_) return Role::kOperator;
  constexpr std::string_view kScheme = "Bearer ";
  if (!equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return Role::kNone;
  // Digests are compared, both of them and in constant time: neither how far a guess was right nor its length
  // shows.
  const Digest sent = digest_of(trim(authorization.substr(kScheme.size())));
  const bool is_operator = CRYPTO_memcmp(sent.data(), operator_.data(), sent.size()) == 0;
  const bool is_guest = CRYPTO_memcmp(sent.data(), guest_.data(), sent.size()) == 0;
  if (is_operator) return Role::kOperator;
  return is_guest && guests_ ? Role::kGuest : Role::kNone;
}

}  // namespace rankloop::http
