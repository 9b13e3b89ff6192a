import type { DomainDiff } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { plural } from "../../text/format";

const kShown = 100;

// What is wrong with a domain file, or what it changes and what that means.
export function Changes({ diff }: { diff: DomainDiff }) {
  if (!diff.good) {
    return (
      <div role="alert">
        <h3 class="fault">{plural(diff.faults.length, "fault")}</h3>
        <ul class="faults">
          {diff.faults.slice(0, kShown).map(({ line, column, message }, at) => <li key={at}><span class="quiet-text">line {line}, column {column}:</span> {message}</li>)}
        </ul>
      </div>
    );
  }
  if (diff.changes.length === 0) return <p role="status">Nothing that matters to the store is different.</p>;
  const refused = diff.in_use && !diff.taken_over;
  return (
    <div role="status">
      <ul class="changes">
        {diff.changes.map(({ what, means, additive }, at) => (
          <li key={at}>
            <Badge tone={additive ? "good" : diff.in_use ? "bad" : "warn"}>{additive ? "adds" : diff.in_use ? "refused" : "replaces"}</Badge>
            <span>{what}{means && <small class="under">{means}</small>}</span>
          </li>
        ))}
      </ul>
      {refused && <p class="fault">This store has items, requests or models, and takes only what adds to its domain. For any other domain start a server with another data_dir.</p>}
    </div>
  );
}
