// The API description: OpenAPI 3.1, made from the route table and the domain.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/domain.h"
#include "http/route.h"

namespace rankloop::http {

// The name a noun has among the component schemas: "location" -> "Location", "hotel_room" -> "HotelRoom". The
// domain's item, request and ranked results are there as component_name(item.one),
// component_name(request.one) + "Data" (what a client sends), component_name(request.one) (what is stored)
// and "Result"; the item is also there as component_name(item.one) + "Result" (with score, as results are
// answered) and component_name(item.one) + "Data" (what a client sends). Fixed: TaskStatus, LabelData,
// HTTPValidationError, Error.
std::string component_name(std::string_view noun);

// JSON text. `best`: the most items a ranking keeps. Hidden routes are left out. Answers every route can give
// (400, 404, 408, 413, 415, 422, 431, 503
// ...) are added to those the routes declare; 401 when `token_asked`.
std::string openapi_document(std::span<const Route> routes, const Domain& domain, int best,
                             std::string_view version, bool token_asked = false);

}  // namespace rankloop::http
