import type { LeftOut } from "../../api/types";
import { Card } from "../../parts/Card";
import { words } from "../../text/format";

const kShown = 50;

// Candidates that the request named and that were not ranked.
export function LeftOutCandidates({ leftOut }: { leftOut: LeftOut[] }) {
  if (leftOut.length === 0) return null;
  const more = leftOut.length - kShown;
  return (
    <Card title="Left out" note={`${leftOut.length} of the candidates that were asked for`}>
      <ul>
        {leftOut.slice(0, kShown).map(({ id, reason }, index) => <li key={index}>{id}: {words(reason)}</li>)}
        {more > 0 && <li>{more} more</li>}
      </ul>
    </Card>
  );
}
