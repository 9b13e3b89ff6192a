// How a body that is a table of other people is to be read.
#pragma once

#include "domain/declared_inputs.h"
#include "http/message.h"
#include "http/routes/inputs.h"
#include "http/routes/services.h"
#include "tables/text.h"

namespace rankloop::http {

extern const ChoiceInput kSeparator;
extern const ChoiceInput kEncoding;

// '\0': as the header shows.
char read_separator(QueryReader& query);
// By kEncoding and the charset of the Content-Type. A body that is packed may become sixteen times as large
// as a body may be.
tables::TextOptions text_options(const Services& services, const Request& request, QueryReader& query);

}  // namespace rankloop::http
