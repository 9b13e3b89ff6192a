// Reads the separator and the encoding of a table.
#include "http/routes/table_inputs.h"

#include <cstdint>
#include <string_view>

#include "tables/encoding.h"
#include "tables/header.h"

namespace rankloop::http {

const ChoiceInput kSeparator{.name = "separator",
                             .help =
                                 "Of a table's cells; auto: the one by which its header has the most "
                                 "columns that are known",
                             .words = {tables::kSeparatorNames.begin(), tables::kSeparatorNames.end()},
                             .preset = "auto"};
const ChoiceInput kEncoding{.name = "encoding",
                            .help =
                                "Of the text; auto: as its byte order mark or the charset of the "
                                "Content-Type says, else UTF-8. latin1 is Windows-1252",
                            .words = {tables::kEncodingNames.begin(), tables::kEncodingNames.end()},
                            .preset = "auto"};
namespace {

// What comes after "charset=" in the Content-Type; empty: it does not say.
std::string_view charset_of(std::string_view content_type) {
  constexpr std::string_view kName = "charset=";
  const std::size_t at = content_type.find(kName);
  if (at == std::string_view::npos) return {};
  std::string_view charset = content_type.substr(at + kName.size());
  charset = charset.substr(0, charset.find_first_of("; "));
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"')
    charset = charset.substr(1, charset.size() - 2);
  return charset;
}

}  // namespace

char read_separator(QueryReader& query) {
  return tables::separator_named(query.read(kSeparator).value_or("auto")).value_or('\0');
}

tables::TextOptions text_options(const Services& services, const Request& request, QueryReader& query) {
  constexpr std::uint64_t kTimes = 16;
  tables::TextOptions options{.most = kTimes * services.max_import};
  const std::string_view asked = query.read(kEncoding).value_or("auto");
  const std::string_view charset = charset_of(request.header("Content-Type"));
  const auto encoding = tables::encoding_of(asked == "auto" && !charset.empty() ? charset : asked);
  if (!encoding) query.fault(kEncoding.name, "a text of the charset of the Content-Type is not read", "enum");
  options.encoding = encoding.value_or(tables::Encoding::kAuto);
  return options;
}

}  // namespace rankloop::http
