import type { PersonRequest, TaskState } from "../../api/types";
import { StateBadge } from "../../parts/StateBadge";
import { ago, clock, count, plural, words } from "../../text/format";

// "buy twice": what was told of one request, by kind.
function told({ feedback }: PersonRequest): string {
  const kinds = new Map<string, number>();
  for (const { kind } of feedback) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, times]) => times === 1 ? words(kind) : `${words(kind)} ${plural(times, "time")}`).join(", ");
}

export function PersonRequests({ requests }: { requests: PersonRequest[] }) {
  if (requests.length === 0) return <p class="note">This person asked for no ranking.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of the newest requests">
      <table>
        <thead>
          <tr><th scope="col">Task</th><th scope="col">Asked</th><th scope="col">State</th><th scope="col" class="num">Shown</th><th scope="col">Told</th></tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.task_id}>
              <th scope="row"><a class="id" href={`#/inspect/${request.task_id}`}>{request.task_id}</a></th>
              <td><time dateTime={request.at} title={clock(request.at)}>{ago(request.at)}</time></td>
              <td><StateBadge state={request.state as TaskState} /></td>
              <td class="num">{count(request.shown.length)}</td>
              <td class="wrap">{told(request) || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
