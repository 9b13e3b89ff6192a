import type { Domain } from "../../api/domain";
import { count, plural, words } from "../../text/format";
import type { Wanted } from "./useFound";

interface Props {
  domain: Domain;
  wanted: Wanted;
  change: (part: Partial<Wanted>) => void;
  unseen: number;
  lists: number;
}

export function CatalogSearch({ domain, wanted, change, unseen, lists }: Props) {
  const down = wanted.order === "desc";
  return (
    <>
      <div class="row search">
        <label for="search">Search</label>
        <input id="search" type="search" value={wanted.q} maxLength={200} aria-describedby="search-note"
          onInput={(event) => change({ q: event.currentTarget.value })} />
        <label class="beside">
          <span>Order</span>
          <select value={wanted.sort} onChange={(event) => change({ sort: event.currentTarget.value, order: ["shown", "picked"].includes(event.currentTarget.value) ? "desc" : "asc" })}>
            {domain.orders.map((name) => <option key={name} value={name}>{words(name)}</option>)}
          </select>
        </label>
        <button type="button" class="quiet" aria-pressed={down} title={down ? "The largest come first" : "The smallest come first"}
          onClick={() => change({ order: down ? "asc" : "desc" })}>{down ? "Falling" : "Rising"}</button>
      </div>
      <label class="row unseen">
        <input type="checkbox" checked={wanted.unseen} onChange={(event) => change({ unseen: event.currentTarget.checked })} />
        Only the {count(unseen)} that {lists === 1 ? "the newest list" : `the newest ${plural(lists, "list")}`} did not show
      </label>
    </>
  );
}
