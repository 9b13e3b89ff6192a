import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  title: string;
  children?: ComponentChildren;  // what will happen, or more to fill in
  act: string;                   // the button
  close: () => void;
  carryOut: (reason: string) => Promise<unknown>;
}

const kLongest = 250;

// Asks why before a change that the history keeps.
export function ReasonDialog({ title, children, act, close, carryOut }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await carryOut(reason.trim());
      close();
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <label>
          Why
          <textarea required rows={3} maxLength={kLongest} value={reason} autofocus
            placeholder="Kept in the history"
            onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end">
          <button type="button" class="quiet" onClick={close}>Leave it</button>
          <button type="submit" disabled={busy || reason.trim() === ""}>{act}</button>
        </div>
      </form>
    </dialog>
  );
}
