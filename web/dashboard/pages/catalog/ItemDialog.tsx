import { useEffect, useRef, useState } from "preact/hooks";
import { inPath, send } from "../../api/client";
import type { Domain } from "../../api/domain";
import type { Fields } from "../../api/types";
import { SchemaForm } from "../../parts/SchemaForm";
import { toChanges, toEntries, toFields } from "../../parts/schemaValues";
import { ItemHistories } from "./ItemHistories";

interface Props {
  domain: Domain;
  item?: Fields;  // none: a new one
  close: () => void;
  done: () => void;
}

export function ItemDialog({ domain, item, close, done }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [entries, setEntries] = useState(() => toEntries(item ?? {}));
  const [fault, setFault] = useState("");
  const [sure, setSure] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const path = item ? `/items/${inPath(item[domain.itemId])}` : "/items";

  async function carryOut(change: () => Promise<unknown>) {
    setFault("");
    try {
      await change();
      done();
      close();
    } catch (error) {
      setFault((error as Error).message);
    }
  }
  function save(event: Event) {
    event.preventDefault();
    if (!item) return void carryOut(() => send("POST", path, toFields(domain.item, entries)));
    const { [domain.itemId]: _, creation_time: __, ...changes } = toChanges(domain.item, entries, item);
    void carryOut(() => send("PATCH", path, changes));
  }
  function remove() {
    if (sure) void carryOut(() => send("DELETE", path)); else setSure(true);
  }

  return (
    <dialog ref={dialog} class="wide" aria-labelledby="item-title" onClose={close}>
      <form onSubmit={save}>
        <h2 id="item-title">{item ? `${domain.itemName} ${item[domain.itemId]}` : `Add: ${domain.itemName}`}</h2>
        <p class="note">{item ? "What was ranked before keeps the version it was ranked with." : "It can be ranked from the next request on."}</p>
        <SchemaForm schema={domain.item} entries={entries} change={setEntries} hide={["creation_time", ...(item ? [domain.itemId] : [])]} />
        {item && <ItemHistories path={path} />}
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end">
          {item && <button type="button" class="quiet danger" onClick={remove}>{sure ? "Hide it for good" : "Hide"}</button>}
          <button type="button" class="quiet" onClick={close}>Leave it</button>
          <button type="submit">Save</button>
        </div>
      </form>
    </dialog>
  );
}
