// A request of a person as it is told to whoever asks for all or the newest of them.
#pragma once

#include <string>

#include "app/serve/item_names.h"
#include "storage/store.h"

namespace rankloop::app {

// Adds {"kind":"request","task_id":...,"at":...,"state":...,"request":{...},"shown":[...],"feedback":[...]}.
// Blocks. As the store, and kDataLoss.
Status append_person_request(std::string& out, storage::Store& store, ItemNames& names,
                             const storage::RequestRecord& request);

// The person's newest requests, as an array of those, the newest first: `most` of them. Blocks. kNotFound:
// nothing is known of the person.
Result<std::string> newest_requests_json(storage::Store& store, ItemNames& names, const PersonKey& person,
                                         int most);

}  // namespace rankloop::app
