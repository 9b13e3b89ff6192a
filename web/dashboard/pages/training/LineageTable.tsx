import type { Lineage } from "../../api/types";
import { count, seconds } from "../../text/format";

const kShown = 16;  // characters of a hash that people compare
// How it was known what positions draw.
const kPositions = { nothing: "nothing tells what they draw", random_orders: "weighed by lists in a random order", swaps: "weighed by swaps between models" };

export function LineageTable({ lineage, artefact }: { lineage: Lineage; artefact: string }) {
  const rows: [string, string | undefined][] = [
    ["Source", lineage.source],
    ["Requests", lineage.first !== undefined ? `${count(lineage.first)} to ${count(lineage.last ?? 0)}, trained until ${count(lineage.trained_until ?? 0)}` : undefined],
    ["Rows", lineage.rows !== undefined ? count(lineage.rows) : undefined],
    ["Positions", lineage.position_evidence ? kPositions[lineage.position_evidence] : undefined],
    ["Started by", lineage.cause],
    ["Took", lineage.seconds !== undefined ? seconds(lineage.seconds) : undefined],
    ["Dataset", lineage.hash?.slice(0, kShown)],
    ["Artefact", artefact.slice(0, kShown)],
  ];
  return (
    <dl class="pairs">
      {rows.filter(([, text]) => text).map(([name, text]) => (
        <div key={name}><dt>{name}</dt><dd>{text}</dd></div>
      ))}
    </dl>
  );
}
