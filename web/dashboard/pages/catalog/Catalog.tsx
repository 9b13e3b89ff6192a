import { useState } from "preact/hooks";
import { getPage } from "../../api/client";
import { domain } from "../../api/domain";
import type { Fields } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { count } from "../../text/format";
import { ImportItems } from "./ImportItems";
import { ItemDialog } from "./ItemDialog";
import { ItemTable } from "./ItemTable";
import { matches } from "./search";

const kPage = 25;
const kMost = 10_000;  // what one answer can carry

async function read() {
  const known = await domain();
  return { domain: known, ...await getPage<Fields>(`${known.itemPath}?limit=${kMost}`) };
}

export function Catalog() {
  const catalog = usePoll(read, []);
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(0);
  const [edited, setEdited] = useState<Fields | "new">();
  return (
    <Loaded of={catalog}>
      {(value) => {
        const found = value.rows.filter((item) => matches(item, search));
        const last = Math.max(0, Math.ceil(found.length / kPage) - 1);
        const at = Math.min(page, last);
        return (
          <Card title={`${count(value.total)} items`} note={value.total > kMost ? `Searched are the first ${count(kMost)}` : value.domain.title}
            action={
              <div class="row">
                <ImportItems done={catalog.again} />
                <button type="button" onClick={() => setEdited("new")}>Add</button>
              </div>
            }>
            <div class="row search">
              <label for="search">Search</label>
              <input id="search" type="search" value={search} aria-describedby="search-note"
                onInput={(event) => { setSearch(event.currentTarget.value); setPage(0); }} />
            </div>
            <p class="note" id="search-note" aria-live="polite">
              {search ? `${count(found.length)} found` : "An id, the name of what it has (pool), or a bound (price<100)"}
            </p>
            <ItemTable domain={value.domain} items={found.slice(at * kPage, (at + 1) * kPage)} searched={search !== ""} edit={setEdited} />
            {last > 0 && (
              <div class="row end">
                <span class="quiet-text">{at * kPage + 1} to {Math.min(found.length, (at + 1) * kPage)} of {count(found.length)}</span>
                <button type="button" class="quiet" disabled={at === 0} onClick={() => setPage(at - 1)}>Back</button>
                <button type="button" class="quiet" disabled={at === last} onClick={() => setPage(at + 1)}>Next</button>
              </div>
            )}
            {edited && <ItemDialog domain={value.domain} item={edited === "new" ? undefined : edited}
              close={() => setEdited(undefined)} done={catalog.again} />}
          </Card>
        );
      }}
    </Loaded>
  );
}
