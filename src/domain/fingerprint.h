// What two domains must have in common: SHA-256, in hex, over a canonical text.
#pragma once

#include <string>
#include <string_view>

#include "domain/domain.h"

namespace rankloop {

// Of the names and of all that decides which payloads are stored: fields, derived fields and checks.
std::string store_fingerprint(const Domain& domain);

// Of the model's input: features and crosses, with the types and derivations behind them.
std::string feature_fingerprint(const Domain& domain);

// Of the file's text as it stands.
std::string text_fingerprint(std::string_view text);

// One line each, equal for equal meaning; help texts are left out.
std::string canonical_text(const Field& field);
std::string canonical_text(const DerivedField& derived);
std::string canonical_text(const Check& check);
std::string canonical_text(const Domain& domain, const HistoryFeature& feature);

}  // namespace rankloop
