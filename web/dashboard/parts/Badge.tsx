export type Tone = "good" | "bad" | "warn" | "live" | "plain";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
