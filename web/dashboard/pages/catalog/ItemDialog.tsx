import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Domain } from "../../api/domain";
import type { Fields } from "../../api/types";
import { SchemaForm } from "../../parts/SchemaForm";
import { toEntries, toFields } from "../../parts/schemaValues";

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
  const path = item ? `/items/${item[domain.itemId]}` : "/items";

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
    const fields = toFields(domain.item, entries);
    if (item) delete fields[domain.itemId];
    void carryOut(() => send(item ? "PATCH" : "POST", path, fields));
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
