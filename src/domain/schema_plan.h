// What a schema works out once so that checking an input costs no search by name and few allocations.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/field_value.h"
#include "domain/name_index.h"
#include "domain/schema.h"

namespace rankloop {

struct Schema::Plan {
  struct FieldStep {
    std::string key;                    // `"price":`
    std::optional<std::size_t> column;  // of a field that has numbers: the first
    std::optional<std::size_t> word;    // of a field that has words
    std::optional<std::size_t> text;    // of one whose words are wanted one by one
    std::optional<std::size_t> kept;    // of one that a derived field summarises: its place among these
  };
  struct DerivedStep {
    std::string key;
    std::size_t column = 0;  // of its number, or of its words
    std::size_t kept = 0;    // of what is summarised, or
    std::size_t left = 0;    // the columns of the operands
    std::size_t right = 0;
  };
  struct CheckStep {
    std::size_t left = 0;
    std::optional<std::size_t> right;
  };

  NameIndex members;  // fields, then derived fields
  NameIndex columns;
  NameIndex words;
  std::vector<FieldStep> fields;
  std::vector<DerivedStep> derived;
  std::vector<CheckStep> checks;
  std::size_t kept = 0;

  class Assembly;  // schema.cpp

  // The record of an input given as one value per field; null: absent.
  static Result<Record> assemble(const Schema& schema, std::span<const boost::json::value* const> given,
                                 FaultList faults, std::optional<WallTime> now = std::nullopt);
};

}  // namespace rankloop
