import { useState } from "preact/hooks";
import { get, getPage } from "../../api/client";
import { domain } from "../../api/domain";
import type { Fields, ShownItems } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { count, plural } from "../../text/format";
import { ImportItems } from "./ImportItems";
import { ItemDialog } from "./ItemDialog";
import { ItemTable, type Seen } from "./ItemTable";
import { kOrders, sorted, type Order } from "./order";
import { matches } from "./search";

const kPage = 25;
const kMost = 10_000;  // what one answer can carry

async function read() {
  const known = await domain();
  const [page, shown] = await Promise.all([
    getPage<Fields>(`${known.itemPath}?limit=${kMost}`), get<ShownItems>(`/monitoring/items?limit=${kMost}`),
  ]);
  const seen: Seen = new Map(shown.items.map((item) => [item[known.itemId], item]));
  return { domain: known, ...page, seen, requests: shown.requests };
}

export function Catalog() {
  const catalog = usePoll(read, []);
  const [search, setSearch] = useState("");
  const [unseen, setUnseen] = useState(false);
  const [order, setOrder] = useState<Order>("id");
  const [page, setPage] = useState(0);
  const [edited, setEdited] = useState<Fields | "new">();
  return (
    <Loaded of={catalog}>
      {(value) => {
        const found = value.rows.filter((item) => matches(item, search) && !(unseen && value.seen.has(item[value.domain.itemId] as number)));
        const never = value.rows.filter((item) => !value.seen.has(item[value.domain.itemId] as number)).length;
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
              <label class="beside">
                <span>Order</span>
                <select value={order} onChange={(event) => { setOrder(event.currentTarget.value as Order); setPage(0); }}>
                  {kOrders.map((one) => <option key={one}>{one}</option>)}
                </select>
              </label>
            </div>
            <label class="row unseen">
              <input type="checkbox" checked={unseen} onChange={(event) => { setUnseen(event.currentTarget.checked); setPage(0); }} />
              Only the {count(never)} never shown in the newest {plural(value.requests, "list")}
            </label>
            <p class="note" id="search-note" aria-live="polite">
              {search ? `${count(found.length)} found` : "An id, the name of what it has (pool), or a bound (price<100)"}
            </p>
            <ItemTable domain={value.domain} seen={value.seen} items={sorted(found, order, value.domain.itemId, value.seen).slice(at * kPage, (at + 1) * kPage)} searched={search !== "" || unseen} edit={setEdited} />
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
