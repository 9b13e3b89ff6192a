// Numbers and times as people read them. The page speaks English, and so do the sentences of the server ("better by 0.36",
// "1,100 requests"), so all numbers are written the one way that goes with them, whatever the browser's language is: one
// decimal point, one thousands' comma, one minus.
const kLocale = "en-GB";
const whole = new Intl.NumberFormat(kLocale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(kLocale, { maximumSignificantDigits: 3 });
const field4 = new Intl.NumberFormat(kLocale, { maximumSignificantDigits: 4, useGrouping: false });
const field2 = new Intl.NumberFormat(kLocale, { maximumFractionDigits: 2, useGrouping: false });
const days = new Intl.DateTimeFormat(kLocale, { dateStyle: "medium" });
const times = new Intl.DateTimeFormat(kLocale, { timeStyle: "medium" });
const moments = new Intl.DateTimeFormat(kLocale, { dateStyle: "medium", timeStyle: "medium" });

const kNone = "–";
const kLeast = 1e-4;  // smaller ones are as good as nothing to a reader

function minus(text: string): string {
  return text.replace("-", "−");
}

function missing(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

export function count(value: number): string {
  return minus(whole.format(value));
}

// Three digits, and a dash where there is no number.
export function number(value: number | null | undefined): string {
  if (missing(value)) return kNone;
  const size = Math.abs(value);
  if (size > 0 && size < kLeast) return value > 0 ? "< 0.0001" : "> −0.0001";
  return size >= 1000 ? count(value) : minus(short.format(value));
}

// A chance of error, which is never nothing: "p = 0.03", "p < 0.0001", and the same in a column of them.
export function error(p: number): string {
  return p < kLeast ? "< 0.0001" : number(p);
}
export function errorNamed(p: number): string {
  return p < kLeast ? "p < 0.0001" : `p = ${number(p)}`;
}

export function signed(value: number | null | undefined): string {
  return !missing(value) && value >= kLeast ? `+${number(value)}` : number(value);
}

// With as many digits behind the point as asked for.
export function fixed(value: number, digits: number): string {
  return minus(new Intl.NumberFormat(kLocale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value));
}

export function percent(share: number | null | undefined, digits = 1): string {
  return missing(share) ? kNone : `${fixed(100 * share, digits)} %`;
}

export function seconds(value: number | undefined): string {
  if (value === undefined) return kNone;
  if (value === 0) return "< 1 ms";  // the ledger counts whole ones
  if (value < 0.001) return `${short.format(value * 1e6)} µs`;
  if (value < 1) return `${short.format(value * 1e3)} ms`;
  if (value < 120) return `${short.format(value)} s`;
  return value < 7200 ? `${count(value / 60)} min` : `${count(value / 3600)} h`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const at = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${short.format(value / 1000 ** at)} ${units[at]}`;
}

// Events a second, in the unit that makes a readable number.
export function rate(perSecond: number): string {
  if (perSecond === 0) return "none";
  if (perSecond >= 0.95) return `${number(perSecond)} /s`;
  if (perSecond * 60 >= 0.95) return `${number(perSecond * 60)} /min`;
  return perSecond * 3600 >= 0.95 ? `${number(perSecond * 3600)} /h` : `${number(perSecond * 86_400)} /day`;
}

// A length of time of any size, in words.
export function span(value: number): string {
  if (value < 120) return `${count(value)} s`;
  if (value < 7200) return `${count(value / 60)} min`;
  return value < 172_800 ? `${count(value / 3600)} h` : `${count(value / 86_400)} days`;
}

export function between(from: string | null, until: string | null): number | undefined {
  return from && until ? (Date.parse(until) - Date.parse(from)) / 1000 : undefined;
}

export function ago(time: string | number): string {
  const passed = Math.max(0, (Date.now() - (typeof time === "number" ? time : Date.parse(time))) / 1000);
  return passed < 5 ? "just now" : `${span(passed)} ago`;
}

export function clock(time: string): string {
  return moments.format(new Date(time));
}

// Of a moment in seconds since 1970: its time of day, its day, or both.
export function timeOf(at: number): string {
  return times.format(new Date(at * 1000));
}

export function dayOf(at: number): string {
  return days.format(new Date(at * 1000));
}

// "has_pool" reads as "has pool".
export function title(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function words(name: string): string {
  return name.replaceAll("_", " ");
}

// A field's value. Whole numbers are written as they are: they may be years or ids.
export function value(field: unknown): string {
  if (field === null || field === undefined) return kNone;
  if (typeof field === "boolean") return field ? "yes" : "no";
  if (typeof field === "number") {
    if (Number.isInteger(field)) return minus(String(field));
    return minus((Math.abs(field) < 100 ? field4 : field2).format(field));
  }
  return typeof field === "object" ? Object.values(field).map(value).join(", ") : String(field);
}

export function plural(n: number, one: string): string {
  return `${count(n)} ${one}${n === 1 ? "" : "s"}`;
}
