// Settings as text: the other way round from what settings.cpp reads.
#include <iomanip>
#include <sstream>

#include "config/settings.h"
#include "domain/units.h"

namespace rankloop::config {
namespace {

std::string shown(const std::string& value) {
  return value;
}
std::string shown(std::int64_t value) {
  return std::to_string(value);
}
std::string shown(double value) {
  std::ostringstream out;
  out << std::setprecision(15) << value;
  return out.str();
}
std::string shown(bool value) {
  return value ? "true" : "false";
}
std::string shown(std::chrono::milliseconds value) {
  return to_text(value);
}
std::string shown(Bytes value) {
  return bytes_to_text(value.count);
}

}  // namespace

std::string text_of(const Settings& settings, const Option& option) {
  return std::visit([&](auto member) { return shown(settings.*member); }, option.field);
}

}  // namespace rankloop::config
