import { useState } from "preact/hooks";
import { request } from "../../api/client";
import { plural } from "../../text/format";

const kTypes: Record<string, string> = { csv: "text/csv", tsv: "text/tab-separated-values", jsonl: "application/x-ndjson", ndjson: "application/x-ndjson" };

// Takes a file of items, all of them or none.
export function ImportItems({ done }: { done: () => void }) {
  const [told, setTold] = useState("");
  async function take(input: HTMLInputElement) {
    const file = input.files?.[0];
    if (!file) return;
    const type = kTypes[file.name.split(".").pop()!.toLowerCase()] ?? "text/csv";
    try {
      const answer = await request("/items:import", { method: "POST", body: file, headers: { "Content-Type": type } });
      const report: { created: number; updated: number } = await answer.json();
      setTold(`${plural(report.created, "item")} added, ${report.updated} replaced`);
      done();
    } catch (error) {
      setTold((error as Error).message);
    }
    input.value = "";
  }
  return (
    <>
      <span class="note" role="status">{told}</span>
      <label class="button quiet file">
        Import
        <input type="file" accept=".csv,.tsv,.jsonl,.ndjson" onChange={(event) => take(event.currentTarget)} />
      </label>
    </>
  );
}
