// The beginning of a file, as a table that a domain can be inferred from.
export interface Sample {
  table: Blob;
  part: boolean;         // rows follow that are not in it
  texts: Set<string>;    // columns of JSON lines that hold texts
}

const kBytes = 16 << 20;  // of a file that is no longer looked at whole
const kTail = 1 << 20;    // where the last line's end is looked for
const kRows = 20_000;     // as many as the server looks at
const kNewLine = 10;

async function beginning(file: File): Promise<Blob> {
  const tail = new Uint8Array(await file.slice(kBytes - kTail, kBytes).arrayBuffer());
  const end = tail.lastIndexOf(kNewLine);
  return file.slice(0, end < 0 ? kBytes : kBytes - kTail + end + 1);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `"${text.replaceAll('"', '""')}"`;
}

// Lines of JSON objects as CSV; a line that is none is left to the import, which says why.
function tableOf(lines: string[], part: boolean): Sample {
  const rows: Record<string, unknown>[] = [];
  const columns = new Set<string>();
  const texts = new Set<string>();
  for (const line of lines.slice(0, kRows)) {
    try {
      const row = JSON.parse(line);
      for (const [name, value] of Object.entries(row)) {
        columns.add(name);
        if (typeof value === "string") texts.add(name);
      }
      rows.push(row);
    } catch {
      continue;
    }
  }
  const names = [...columns];
  const text = [names.map(cell).join(","), ...rows.map((row) => names.map((name) => cell(row[name])).join(","))].join("\n");
  return { table: new Blob([`${text}\n`]), part: part || lines.length > kRows, texts };
}

export async function sampleOf(file: File): Promise<Sample> {
  const name = file.name.toLowerCase();
  const packed = /\.(gz|zst|zstd)$/.test(name);
  const part = !packed && file.size > kBytes;
  const table = part ? await beginning(file) : file;
  if (!/\.(jsonl|ndjson)$/.test(name)) return { table, part, texts: new Set() };
  return tableOf((await table.text()).split("\n").filter((line) => line.trim() !== ""), part);
}
