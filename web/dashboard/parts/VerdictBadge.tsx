import type { Verdict } from "../api/types";
import { Badge, type Tone } from "./Badge";

const kWords: Record<Verdict, [Tone, string]> = {
  promote: ["good", "proved better"],
  reject: ["bad", "rejected"],
  insufficient_evidence: ["warn", "too little evidence"],
};

export function VerdictBadge({ verdict }: { verdict: Verdict | null }) {
  if (!verdict) return <span class="quiet-text">not judged</span>;
  const [tone, text] = kWords[verdict];
  return <Badge tone={tone}>{text}</Badge>;
}
