import { request } from "./client";

// The Prometheus text of /metrics, as far as the pages need it.
export interface Histogram {
  bounds: number[];  // upper bounds in rising order; the last is Infinity
  counts: number[];  // cumulative
  sum: number;
  count: number;
}

export interface Metrics {
  at: number;  // performance.now() of the look
  value: (name: string) => number;  // the sum over all labels; 0 when there is none
  histogram: (name: string, label?: string) => Histogram;  // of all labels, or of those that have this one
}

interface Sample {
  name: string;
  labels: string;
  value: number;
}

function parse(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    const found = /^([a-z_:][a-z0-9_:]*)(\{.*\})? (\S+)$/i.exec(line);
    if (!found) continue;
    const [, name, labels = "", number] = found;
    const sample = { name, labels, value: number === "+Inf" ? Infinity : Number(number) };
    const known = samples.get(name);
    if (known) known.push(sample); else samples.set(name, [sample]);
  }
  return samples;
}

export async function readMetrics(): Promise<Metrics> {
  const text = await (await request("/metrics", { headers: { Accept: "text/plain" } })).text();
  const samples = parse(text);
  const value = (name: string) => (samples.get(name) ?? []).reduce((sum, sample) => sum + sample.value, 0);
  const histogram = (name: string, label = ""): Histogram => {
    const of = (part: string) => (samples.get(`${name}_${part}`) ?? []).filter((sample) => sample.labels.includes(label));
    const sum = (part: string) => of(part).reduce((total, sample) => total + sample.value, 0);
    const buckets = of("bucket").map((sample) => {
      const bound = /le="([^"]+)"/.exec(sample.labels)?.[1] ?? "+Inf";
      return { bound: bound === "+Inf" ? Infinity : Number(bound), count: sample.value };
    });
    return { bounds: buckets.map((bucket) => bucket.bound), counts: buckets.map((bucket) => bucket.count),
      sum: sum("sum"), count: sum("count") };
  };
  return { at: performance.now(), value, histogram };
}

// The value below which `share` of the observations lie, linear within its bucket as Prometheus has it; undefined
// without observations.
export function quantile(histogram: Histogram, share: number): number | undefined {
  const { bounds, counts, count } = histogram;
  if (count === 0) return undefined;
  const wanted = share * count;
  const at = counts.findIndex((below) => below >= wanted);
  const low = at > 0 ? bounds[at - 1] : 0;
  if (at < 0 || bounds[at] === Infinity) return low;
  const before = at > 0 ? counts[at - 1] : 0;
  return low + (bounds[at] - low) * (wanted - before) / Math.max(counts[at] - before, 1e-9);
}
