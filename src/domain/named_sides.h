// The names on both sides of a domain that rules may speak of, kept for the wishes of requests.
#pragma once

#include "domain/cross_file.h"
#include "domain/schema_side.h"

namespace rankloop {

// Of the sides nothing but their names.
struct NamedSides {
  SchemaSide requests;
  SchemaSide items;  // with what a request may say of a candidate

  Sides sides() const { return {requests, items}; }
};

}  // namespace rankloop
