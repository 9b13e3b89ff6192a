import type { ModelEvent } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { ago, clock, words } from "../../text/format";

const kTones: Record<string, string> = {
  promoted: "good", rolled_back: "warn", rejected: "bad", insufficient_evidence: "warn",
};

export function Timeline({ history }: { history: ModelEvent[] }) {
  if (history.length === 0) return <Empty title="Nothing happened yet">The first model opens the timeline.</Empty>;
  return (
    <ol class="timeline">
      {history.map((event) => (
        <li key={event.id} class={kTones[event.what] ?? ""}>
          <p>
            <strong>{words(event.what)}</strong> <a href={`#/models/${event.model_id}`}>model {event.model_id}</a>
            <span class="quiet-text"> by {event.actor}, <time dateTime={event.at} title={clock(event.at)}>{ago(event.at)}</time></span>
          </p>
          {event.reason && <p class="note">{event.reason}</p>}
        </li>
      ))}
    </ol>
  );
}
