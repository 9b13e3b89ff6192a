import type { ExperimentEvent } from "../../api/types";
import { ago, clock, percent, words } from "../../text/format";

const kTones: Record<string, string> = { started: "good", stopped: "warn" };

function what({ detail }: ExperimentEvent): string {
  if (typeof detail?.exposure === "number") return `The arms have ${percent(detail.exposure, 0)} of their planned shares`;
  return typeof detail?.conclusion === "string" ? words(detail.conclusion) : "";
}

export function History({ history }: { history: ExperimentEvent[] }) {
  return (
    <ol class="timeline">
      {history.map((event) => (
        <li key={event.id} class={kTones[event.what] ?? ""}>
          <p>
            <strong>{event.what}</strong>
            <span class="quiet-text"> by {event.actor}{event.remark && ` (${event.remark})`}, <time dateTime={event.at} title={clock(event.at)}>{ago(event.at)}</time></span>
          </p>
          {(event.reason || what(event)) && <p class="note">{[what(event), event.reason].filter(Boolean).join(": ")}</p>}
        </li>
      ))}
    </ol>
  );
}
