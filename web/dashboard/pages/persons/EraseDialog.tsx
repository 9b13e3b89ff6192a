import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Person, TaskStatus } from "../../api/types";
import { plural } from "../../text/format";

interface Props {
  person: string;
  path: string;
  known: Person;
  close: () => void;
}

// Says what will be gone before it is, and leads to how far that is.
export function EraseDialog({ person, path, known, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  async function erase(event: Event) {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      const { task_id } = await send<TaskStatus>("DELETE", path);
      location.replace(`#/persons?erasure=${task_id}`);
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby="erase-title" onClose={close}>
      <form onSubmit={erase}>
        <h2 id="erase-title">Erase this person?</h2>
        <p class="id">{person}</p>
        <p>Stored fields go at once. In a task, {plural(known.events, "event")} elsewhere and the key
          of {plural(known.requests, "request")} follow: what was shown and told stays as nobody's. It cannot be undone, and an export
          has to be taken before.</p>
        <p class="note">Models keep what they learned until they are trained anew, backups what they had.</p>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end">
          <button type="submit" class="quiet danger" disabled={busy}>Erase for good</button>
          <button type="button" autofocus onClick={() => dialog.current?.close()}>Leave it</button>
        </div>
      </form>
    </dialog>
  );
}
