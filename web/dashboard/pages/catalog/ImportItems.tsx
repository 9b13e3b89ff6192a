import { useState } from "preact/hooks";
import { importItems, kItemFiles } from "../../api/tables";
import type { ImportReport } from "../../api/types";
import { BadRows } from "../../parts/BadRows";
import { Sending } from "../../parts/Sending";
import { plural } from "../../text/format";

const kNumberRows = "number_rows";  // as the API calls it, in the refusal of a file without ids

interface Refused {
  file: File;
  numbered: boolean;
  without: boolean;  // because it has no ids
}

// Takes a file of items, all of them or none. Rows without ids are numbered, and bad ones passed over, only when somebody
// says so.
export function ImportItems({ done }: { done: () => void }) {
  const [told, setTold] = useState("");
  const [share, setShare] = useState<number>();
  const [refused, setRefused] = useState<Refused>();
  const [report, setReport] = useState<ImportReport>();
  async function take(file: File, numbered: boolean, skipBad: boolean) {
    setRefused(undefined);
    setReport(undefined);
    setTold("");
    setShare(0);
    try {
      const now = await importItems(file, { numbered, skipBad }, setShare);
      setTold(`${plural(now.created, "item")} added, ${now.updated} replaced`);
      setReport(now);
      done();
    } catch (error) {
      const message = (error as Error).message;
      setTold(message);
      setRefused({ file, numbered, without: !numbered && message.includes(kNumberRows) });
    }
    setShare(undefined);
  }
  function chosen(input: HTMLInputElement) {
    const file = input.files?.[0];
    if (file) take(file, false, false);
    input.value = "";
  }
  return (
    <>
      {share !== undefined && <Sending what="the items" share={share} />}
      <span class="note" role="status">{told}</span>
      {refused?.without && (
        <button type="button" class="quiet" onClick={() => take(refused.file, true, false)}>
          Number its rows from the next free id
        </button>
      )}
      {refused && !refused.without && (
        <button type="button" class="quiet" onClick={() => take(refused.file, refused.numbered, true)}>
          Import the good rows
        </button>
      )}
      <label class="button quiet file">
        Import
        <input type="file" accept={kItemFiles} disabled={share !== undefined} onChange={(event) => chosen(event.currentTarget)} />
      </label>
      {report && <BadRows report={report} />}
    </>
  );
}
