import { useState } from "preact/hooks";
import { request } from "../../api/client";
import { plural } from "../../text/format";

const kTypes: Record<string, string> = { csv: "text/csv", tsv: "text/tab-separated-values", jsonl: "application/x-ndjson", ndjson: "application/x-ndjson" };
const kNumberRows = "number_rows";  // as the API calls it, in the query and in the refusal of a file without ids

// Takes a file of items, all of them or none. Rows without ids are numbered only when somebody says so.
export function ImportItems({ done }: { done: () => void }) {
  const [told, setTold] = useState("");
  const [without, setWithout] = useState<File>();  // a file that was refused because it has no ids
  async function take(file: File, numbered: boolean) {
    const type = kTypes[file.name.split(".").pop()!.toLowerCase()] ?? "text/csv";
    setWithout(undefined);
    try {
      const answer = await request(`/items:import?${kNumberRows}=${numbered}`, {
        method: "POST", body: file, headers: { "Content-Type": type }, deadline: 0,
      });
      const report: { created: number; updated: number } = await answer.json();
      setTold(`${plural(report.created, "item")} added, ${report.updated} replaced`);
      done();
    } catch (error) {
      const message = (error as Error).message;
      setTold(message);
      if (!numbered && message.includes(kNumberRows)) setWithout(file);
    }
  }
  function chosen(input: HTMLInputElement) {
    const file = input.files?.[0];
    if (file) take(file, false);
    input.value = "";
  }
  return (
    <>
      <span class="note" role="status">{told}</span>
      {without && (
        <button type="button" class="quiet" onClick={() => take(without, true)}>
          Number its rows from the next free id
        </button>
      )}
      <label class="button quiet file">
        Import
        <input type="file" accept=".csv,.tsv,.jsonl,.ndjson" onChange={(event) => chosen(event.currentTarget)} />
      </label>
    </>
  );
}
