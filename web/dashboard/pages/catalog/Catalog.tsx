import { useState } from "preact/hooks";
import type { Fields } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { keepInAddress } from "../../state/route";
import { count, plural } from "../../text/format";
import type { PageProps } from "../props";
import { CatalogSearch } from "./CatalogSearch";
import { ImportItems } from "./ImportItems";
import { ItemDialog } from "./ItemDialog";
import { ItemTable } from "./ItemTable";
import { kRows, useFound, type Found, type Wanted } from "./useFound";

function wantedOf(query: URLSearchParams): Wanted {
  return {
    q: query.get("q") ?? "", sort: query.get("sort") ?? "id", order: query.get("order") ?? "asc",
    unseen: query.get("unseen") === "true", page: Math.max(0, Math.floor(Number(query.get("page") ?? 1)) - 1 || 0),
  };
}

// The search stands in the address, so that a link leads to the same rows.
function keep(wanted: Wanted): void {
  keepInAddress({
    q: wanted.q, sort: wanted.sort === "id" ? "" : wanted.sort, order: wanted.order === "asc" ? "" : wanted.order,
    unseen: wanted.unseen ? "true" : "", page: wanted.page === 0 ? "" : String(wanted.page + 1),
  });
}

function told(found: Found, searched: boolean): string {
  if (found.fault) return found.fault;
  const many = `${count(found.total)} found`;
  if (!found.complete) return `${many} so far, ${count(found.looked_at)} of ${count(found.catalog)} looked at …`;
  return searched ? many : "An id, the name of what it has (pool), a part of a text, or a bound (price<100)";
}

export function Catalog({ query }: PageProps) {
  const wanted = wantedOf(query);
  const found = useFound(wanted);
  const [edited, setEdited] = useState<Fields | "new">();
  const change = (part: Partial<Wanted>) => keep({ ...wanted, page: 0, ...part });
  const searched = wanted.q !== "" || wanted.unseen;
  return (
    <Loaded of={found} room={60}>
      {(value) => {
        const last = Math.max(0, Math.ceil(value.total / kRows) - 1);
        return (
          <Card title={plural(value.catalog, "item")} note={value.domain.title}
            action={
              <div class="row">
                <ImportItems done={found.again} />
                <button type="button" onClick={() => setEdited("new")}>Add</button>
              </div>
            }>
            <CatalogSearch domain={value.domain} wanted={wanted} change={change} unseen={value.unseen} lists={value.lists} />
            <p class={value.fault ? "note fault" : "note"} id="search-note" aria-live="polite">{told(value, searched)}</p>
            <ItemTable domain={value.domain} found={value.items} searched={searched} edit={setEdited} />
            {(last > 0 || wanted.page > 0) && (
              <div class="row end">
                <span class="quiet-text">
                  {value.items.length > 0 ? `${count(wanted.page * kRows + 1)} to ${count(wanted.page * kRows + value.items.length)} of ${count(value.total)}` : "behind the last"}
                </span>
                <button type="button" class="quiet" disabled={wanted.page === 0} onClick={() => change({ page: Math.min(wanted.page - 1, last) })}>Back</button>
                <button type="button" class="quiet" disabled={wanted.page >= last} onClick={() => change({ page: wanted.page + 1 })}>Next</button>
              </div>
            )}
            {edited && <ItemDialog domain={value.domain} item={edited === "new" ? undefined : edited}
              close={() => setEdited(undefined)} done={found.again} />}
          </Card>
        );
      }}
    </Loaded>
  );
}
