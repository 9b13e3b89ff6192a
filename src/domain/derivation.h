// How a derived field is computed: one way for what is stored, for requests, and for rows of files.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "domain/field_value.h"
#include "domain/schema.h"

namespace rankloop {

// As the domain file writes it: "mean", "stddev" ...
std::string_view name_of(Derivation how);
std::optional<Derivation> parse_derivation(std::string_view name);
std::span<const std::string_view> derivation_names();

bool is_of_list(Derivation how);   // of a list or a text, not of numbers
bool makes_words(Derivation how);  // of one number, or of a text
bool makes_set(Derivation how);    // words, and any number of them
bool is_of_moments(Derivation how);

// A derived field of one list or text; kAbsent where there is none.
double summary_of(const DerivedField& derived, const FieldValue& list);

// One of numbers, from its field or two (of one, both are the same); kAbsent where one of them is, infinite
// where the outcome is too large for a double.
double derived_number(const DerivedField& derived, double left, double right);

// The word of a number; nothing where it is absent.
Words derived_words(const DerivedField& derived, double number);

// The different words of a text; nothing where it is absent.
Words words_in(const FieldValue& text);

}  // namespace rankloop
