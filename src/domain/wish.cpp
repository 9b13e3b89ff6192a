// Wishes as texts.
#include "domain/wish.h"

#include <algorithm>
#include <array>

#include "domain/enum_names.h"
#include "domain/field_value.h"
#include "domain/json_writer.h"
#include "domain/units.h"

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"not_again", "at_most", "boost", "pin", "block"};

std::int64_t integral(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

void write_terms(JsonWriter& json, const Wish& wish) {
  switch (wish.how) {
    case Wish::How::kNotAgain:
      json.key("kind").text(wish.kind).key("times").number(wish.times);
      if (wish.reach == HistoryReach::kSession) json.key("within").word("session");
      if (wish.reach == HistoryReach::kWindow) json.key("within").word(to_text(wish.span));
      if (wish.reach == HistoryReach::kHalfLife) json.key("half_life").word(to_text(wish.span));
      return;
    case Wish::How::kAtMost:
      json.key("field")
          .text(wish.field)
          .key("most")
          .integer(integral(wish.most))
          .key("first")
          .integer(integral(wish.first));
      return;
    case Wish::How::kBoost:
      json.key("by").number(wish.by);
      break;
    case Wish::How::kPin:
      json.key("at").integer(integral(wish.at));
      break;
    case Wish::How::kBlock:
      break;
  }
  json.key("where").begin_array();
  for (const Wish::Condition& condition : wish.where) json.text(condition.text);
  json.end_array();
}

std::string joined(const std::vector<Wish::Condition>& conditions) {
  std::string text;
  for (const Wish::Condition& condition : conditions) text += (text.empty() ? "" : " and ") + condition.text;
  return text;
}

std::string terms_text(const Wish& wish) {
  switch (wish.how) {
    case Wish::How::kNotAgain: {
      std::string text = "not again after " + describe_number(wish.times) + " " + wish.kind;
      if (wish.reach == HistoryReach::kSession) text += " within the session";
      if (wish.reach == HistoryReach::kWindow) text += " within " + to_text(wish.span);
      if (wish.reach == HistoryReach::kHalfLife) text += ", half-life " + to_text(wish.span);
      return text;
    }
    case Wish::How::kAtMost:
      return "at most " + std::to_string(wish.most) + " of a " + wish.field + " among the first " +
             std::to_string(wish.first);
    case Wish::How::kBoost:
      return "boost by " + describe_number(wish.by) + " where " + joined(wish.where);
    case Wish::How::kPin:
      return "pin at " + std::to_string(wish.at) + " where " + joined(wish.where);
    case Wish::How::kBlock:
      return "block where " + joined(wish.where);
  }
  return {};
}

}  // namespace

std::span<const std::string_view> wish_names() {
  return kNames;
}

bool WishesInForce::any(Wish::How how) const {
  return std::ranges::find(wishes, how, &Wish::how) != wishes.end();
}

WishesInForce wishes_in_force(std::span<const Wish> wishes, WallTime now) {
  WishesInForce held;
  for (const Wish& wish : wishes) {
    if (wish.in_force(now)) held.wishes.push_back(wish);
  }
  if (!held.wishes.empty()) held.text = kept_text(held.wishes);
  return held;
}

std::string kept_text(std::span<const Wish> wishes) {
  std::string text;
  JsonWriter json{text};
  json.begin_array();
  for (const Wish& wish : wishes) {
    json.begin_object().key("name").word(wish.name).key("how").word(name_among(kNames, wish.how));
    write_terms(json, wish);
    json.end_object();
  }
  json.end_array();
  return text;
}

std::string described(const Wish& wish) {
  std::string text = terms_text(wish);
  if (wish.from) text += ", from " + to_iso8601(*wish.from);
  if (wish.until) text += ", until " + to_iso8601(*wish.until);
  return text;
}

}  // namespace rankloop
