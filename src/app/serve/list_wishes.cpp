// Checks wishes by what can be read of items and people.
#include "app/serve/list_wishes.h"

#include <utility>
#include <vector>

#include "app/serve/request_envelope.h"
#include "domain/wish_json.h"
#include "ml/wishes.h"

namespace rankloop::app {
namespace {

std::string not_held(const std::string& field) {
  return "the field '" + field +
         "' is read by no feature, cross, rule or wish of the domain, so that none of a request can read it";
}

std::string not_counted(const Wish& wish) {
  return "'" + wish.name + "' (" + described(wish) +
         ") asks for what the domain does not count; allowed is what a [[wish]] of how = \"not_again\" or a "
         "[[history]] of it counts of an item and a person: the same kind and the same time";
}

HeldWishes held(std::span<const Wish> wishes, WallTime at) {
  WishesInForce found = wishes_in_force(wishes, at);
  return found.wishes.empty() ? nullptr : std::make_shared<const WishesInForce>(std::move(found));
}

}  // namespace

std::string read_wishes(BodyReader& body, const Domain& domain, const ml::Catalog& catalog,
                        const ml::HistoryPlan& plan) {
  const boost::json::value* const given = body.given(kWishes);
  const bool is_field = domain.requests.field(kWishes) != nullptr;  // a domain's own stays what it was
  if (is_field || given == nullptr || given->is_null()) return {};
  const auto read = read_request_wishes(*given, kWishes, domain);
  if (!read) {
    for (const FieldFault& fault : read.error().faults)
      body.fault({fault.loc.begin() + 1, fault.loc.end()}, fault.msg, fault.type);
    return {};
  }
  const std::size_t before = body.faults();
  for (const Wish& wish : read->wishes) {
    if (const auto field = ml::field_not_held(wish, catalog))
      body.fault({std::string{kWishes}, wish.name}, not_held(*field), "value_error");
    if (!plan.counts(wish)) body.fault({std::string{kWishes}, wish.name}, not_counted(wish), "value_error");
  }
  const bool says = !given->get_array().empty() && body.faults() == before;
  return says ? to_kept_text(*given) : std::string{};
}

Result<HeldWishes> wishes_of(const storage::NewInference& request, const Domain& domain) {
  if (request.wishes.empty() && domain.wishes.empty()) return HeldWishes{};
  if (request.wishes.empty()) return held(domain.wishes, request.at);
  const auto own = read_kept_request_wishes(request.wishes, domain);
  if (!own) return own.error();
  return held(own->beside(domain.wishes), request.at);
}

Result<HeldWishes> blocks_of(const storage::NewInference& request, const Domain& domain) {
  const auto all = wishes_of(request, domain);
  if (!all || *all == nullptr) return all;
  std::vector<Wish> blocks = (*all)->wishes;
  std::erase_if(blocks, [](const Wish& wish) { return wish.how != Wish::How::kBlock; });
  return held(blocks, request.at);
}

Result<HeldWishes> wishes_then(const Policy& policy, const Domain& domain, const ml::Catalog& catalog) {
  if (policy.wishes.empty()) return HeldWishes{};
  auto wishes = read_kept_wishes(policy.wishes, domain);
  if (!wishes) return wishes.error();
  for (const Wish& wish : *wishes) {
    if (const auto field = ml::field_not_held(wish, catalog))
      return Error(ErrorCode::kFailedPrecondition,
                   "the wish " + wish.name + " of then reads the field " + *field +
                       ", which no feature, cross, rule or wish of the domain reads any more");
  }
  return HeldWishes{std::make_shared<const WishesInForce>(*std::move(wishes), policy.wishes)};
}

}  // namespace rankloop::app
