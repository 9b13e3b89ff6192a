// Numbers and times as people read them, in the browser's own language.
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, useGrouping: false });
const short = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

export function count(value: number): string {
  return whole.format(value);
}

// Three digits, and a dash where there is no number.
export function number(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : short.format(value);
}

export function signed(value: number | null | undefined): string {
  return value !== null && value !== undefined && value > 0 ? `+${number(value)}` : number(value).replace("-", "−");
}

export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(digits)} %`;
}

export function seconds(value: number | undefined): string {
  if (value === undefined) return "–";
  if (value === 0) return "< 1 ms";  // the ledger counts whole ones
  if (value < 0.001) return `${short.format(value * 1e6)} µs`;
  if (value < 1) return `${short.format(value * 1e3)} ms`;
  if (value < 120) return `${short.format(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${Math.round(value / 3600)} h`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const at = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${short.format(value / 1000 ** at)} ${units[at]}`;
}

// Events a second, in the unit that makes a readable number.
export function rate(perSecond: number): string {
  if (perSecond === 0) return "none";
  if (perSecond >= 0.95) return `${short.format(perSecond)} /s`;
  if (perSecond * 60 >= 0.95) return `${short.format(perSecond * 60)} /min`;
  return perSecond * 3600 >= 0.95 ? `${short.format(perSecond * 3600)} /h` : `${short.format(perSecond * 86_400)} /day`;
}

// A length of time of any size, in words.
export function span(value: number): string {
  if (value < 120) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.round(value / 60)} min`;
  return value < 172_800 ? `${Math.round(value / 3600)} h` : `${Math.round(value / 86_400)} days`;
}

export function between(from: string | null, until: string | null): number | undefined {
  return from && until ? (Date.parse(until) - Date.parse(from)) / 1000 : undefined;
}

export function ago(time: string): string {
  const passed = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  if (passed < 5) return "just now";
  if (passed < 60) return `${Math.round(passed)} s ago`;
  if (passed < 3600) return `${Math.round(passed / 60)} min ago`;
  return passed < 172_800 ? `${Math.round(passed / 3600)} h ago` : `${Math.round(passed / 86_400)} days ago`;
}

export function clock(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

// "has_pool" reads as "has pool".
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

export function value(field: unknown): string {
  if (field === null || field === undefined) return "–";
  if (typeof field === "boolean") return field ? "yes" : "no";
  if (typeof field === "number") return Number.isInteger(field) ? String(field) : fine.format(field);
  return Array.isArray(field) ? field.join(", ") : String(field);
}

export function plural(n: number, one: string): string {
  return `${count(n)} ${one}${n === 1 ? "" : "s"}`;
}
