import { get, request, upload } from "./client";
import type { Sample } from "./sample";
import type { DomainDiff, DomainFile, ImportReport, Inferred } from "./types";

const kLines = "application/x-ndjson";
const kTabs = "text/tab-separated-values";
const kTypes: Record<string, string> = { csv: "text/csv", tsv: kTabs, tab: kTabs, jsonl: kLines, ndjson: kLines };
const kPacked = /\.(gz|zst|zstd)$/;

// What a file chooser offers.
export const kItemFiles = ".csv,.tsv,.tab,.jsonl,.ndjson,.gz,.zst";

// By the name of a file, packed or not.
function typeOf(name: string): string {
  return kTypes[name.toLowerCase().replace(kPacked, "").split(".").pop()!] ?? "text/csv";
}

// What somebody knows better of a column than was inferred.
export interface Correction {
  column: string;
  name?: string;  // of the field; "": as the column is called
  type?: string;
  ignored?: boolean;
  required?: boolean;
  closed?: boolean;
  feature?: boolean;
}

// The column of the ids; "": rows are numbered; undefined: as the server finds.
export type IdChoice = string | undefined;

export interface Looking {
  corrections: Correction[];
  id: IdChoice;
  encoding: string;
}

// What the beginning of a file of this name looks like.
export async function inferDomain(name: string, { rows, part }: Sample, { corrections, id, encoding }: Looking, sent: (share: number) => void): Promise<Inferred> {
  const query = new URLSearchParams({ file: name, part: String(part), encoding });
  if (corrections.length > 0) query.set("corrections", JSON.stringify(corrections));
  if (id) query.set("id_column", id);
  if (id === "") query.set("number_rows", "true");
  return upload<Inferred>(`/domain:infer?${query}`, rows, typeOf(name), sent);
}

export interface Rows {
  id?: string;        // the column of the ids, where the domain calls it otherwise
  numbered?: boolean;
  skipBad?: boolean;
  encoding?: string;
}

export function importItems(file: File, { id, numbered = false, skipBad = false, encoding = "auto" }: Rows, sent: (share: number) => void): Promise<ImportReport> {
  const query = new URLSearchParams({ number_rows: String(numbered), skip_bad: String(skipBad), encoding });
  if (id) query.set("id_column", id);
  return upload<ImportReport>(`/items:import?${query}`, file, typeOf(file.name), sent);
}

const kToml = { "Content-Type": "application/toml" };

export async function diffDomain(text: string): Promise<DomainDiff> {
  return (await request("/domain:diff", { method: "POST", body: text, headers: kToml })).json();
}

const kLook = 250;      // ms
const kPatience = 60_000;

function pause(length: number): Promise<void> {
  return new Promise((done) => { window.setTimeout(done, length); });
}

// Asks for the change and waits until the server serves the new domain. Throws when it does not.
export async function changeDomain(text: string, from: string): Promise<void> {
  const answer = await request("/domain", { method: "PUT", body: text, headers: { ...kToml, "If-Match": `"${from}"` } });
  const { fingerprint }: { fingerprint: string } = await answer.json();
  const end = Date.now() + kPatience;
  while (Date.now() < end) {
    const now = await get<DomainFile>("/domain", { deadline: kPatience });
    if (now.fingerprint === fingerprint) return;
    if (now.fault) throw new Error(`The change was taken back: ${now.fault}`);
    await pause(kLook);
  }
  throw new Error("The server still serves the domain of before");
}
