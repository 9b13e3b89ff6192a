// The API description: OpenAPI 3.1, made from the route table and the domain.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/domain.h"
#include "http/domain_examples.h"
#include "http/route.h"

namespace rankloop::http {

// The name a noun has among the component schemas: "location" -> "Location", "hotel_room" -> "HotelRoom". The
// domain's item, request and ranked results are there as component_name(item.one),
// component_name(request.one) + "Data" (what a client sends), component_name(request.one) (what is stored)
// and "Result"; the item is also there as component_name(item.one) + "Result" (with score, as results are
// answered), component_name(item.one) + "Data" (what a client sends) and
// component_name(item.one) + "Change" (what changes of it). Fixed: TaskStatus, LabelData,
// HTTPValidationError, Error.
std::string component_name(std::string_view noun);

// What the description tells beside the routes and the domain.
struct ApiFacts {
  int best = 1'000;  // the most items a ranking keeps
  std::string_view version{};
  bool token_asked = false;
  ExampleItem item{};
};

// JSON text. Hidden routes are left out. Answers every route can give (400, 405, 408, 413, 503 ...) are added
// to those the routes declare; 401 when a token is asked for.
std::string openapi_document(std::span<const Route> routes, const Domain& domain, const ApiFacts& facts);

}  // namespace rankloop::http
