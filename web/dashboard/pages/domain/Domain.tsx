import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { DomainFile } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { ChangeDomain } from "./ChangeDomain";
import { YourCatalog } from "./YourCatalog";

// An empty store is given its domain and its catalog by a file; a store in use has its domain changed. Who has begun with a
// file stays with it to the first ranking, also while the server changes.
export function Domain() {
  const served = usePoll(() => get<DomainFile>("/domain"), []);
  const [begun, setBegun] = useState(false);
  const [told, setTold] = useState(false);  // of a change that was made
  const value = served.value;
  if (!value) return <Loaded of={served} room={40}>{() => null}</Loaded>;
  return (
    <>
      {value.fault && <div class="notice bad" role="alert"><p>The last change of the domain was taken back: {value.fault}</p></div>}
      {told && <div class="notice good" role="status"><p>The server goes on with the changed domain.</p></div>}
      {value.refusal && <Card title="Not from here"><p>{value.refusal}</p></Card>}
      {(begun || (!value.in_use && !value.refusal)) && <YourCatalog served={value} begin={() => setBegun(true)} changed={served.again} />}
      <ChangeDomain key={value.fingerprint} served={value} changed={() => { setTold(true); served.again(); }} />
    </>
  );
}
