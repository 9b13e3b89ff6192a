// How a derived field is computed: one way for what is stored, for requests, and for rows of files.
#pragma once

#include "domain/field_value.h"
#include "domain/schema.h"

namespace rankloop {

bool is_of_list(Derivation how);

// A derived field of one list.
double summary_of(const ListSummary& list, Derivation how);

// Any other one, from its field or two (of one, both are the same); kAbsent where one of them is, infinite
// where the outcome is too large for a double.
double derived_number(const DerivedField& derived, double left, double right);

}  // namespace rankloop
