import { useState } from "preact/hooks";
import { forgetDomain } from "../../api/domain";
import { changeDomain, diffDomain } from "../../api/tables";
import type { DomainDiff, DomainFile } from "../../api/types";
import { Card } from "../../parts/Card";
import { Changes } from "./Changes";

const kRows = 24;

interface Props {
  served: DomainFile;
  changed: () => void;
}

// The domain file as text: changed, looked at, then applied.
export function ChangeDomain({ served, changed }: Props) {
  const [text, setText] = useState(served.text);
  const [diff, setDiff] = useState<DomainDiff>();
  const [told, setTold] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const same = text === served.text;

  function write(now: string) {
    setText(now);
    setDiff(undefined);  // it is of another text
    setTold("");
  }
  async function attempt(act: () => Promise<void>) {
    setBusy(true);
    setFault("");
    try {
      await act();
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }
  const look = () => attempt(async () => setDiff(await diffDomain(text)));
  const apply = () => attempt(async () => {
    setTold("The server answers what is under way, then goes on with the new domain …");
    await changeDomain(text, served.fingerprint);
    forgetDomain();
    changed();
  });

  return (
    <Card title="Change the domain" note={<>{served.title || served.name}, {served.file ? <>from <code>{served.file}</code></> : "built into the program"}</>}>
      <label for="domain-text">The domain file (TOML)</label>
      <textarea id="domain-text" class="code" rows={kRows} spellcheck={false} readOnly={served.refusal !== null} value={text}
        onInput={(event) => write(event.currentTarget.value)} />
      {served.refusal === null && (
        <div class="row">
          <button type="button" class="quiet" disabled={busy || same} onClick={look}>What does it mean?</button>
          <button type="button" disabled={busy || !diff?.taken_over} onClick={apply}>Apply</button>
          {!same && <button type="button" class="quiet" disabled={busy} onClick={() => write(served.text)}>Leave it</button>}
          <span class="note" role="status">{busy ? told : ""}</span>
        </div>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
      {diff && <Changes diff={diff} />}
    </Card>
  );
}
