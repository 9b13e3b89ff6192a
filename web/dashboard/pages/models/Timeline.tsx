import type { ModelEvent } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { ago, clock, percent, words } from "../../text/format";

const kTones: Record<string, string> = {
  promoted: "good", rolled_back: "warn", rejected: "bad", insufficient_evidence: "warn", removed: "warn",
};

// What a change of shares or shadows says beyond its name.
function what({ what: kind, detail }: ModelEvent): string {
  if (kind === "share" && detail?.share !== undefined) return detail.share === 0 ? "Its share of the people ended" : `It answers ${percent(detail.share, 0)} of the people`;
  if (kind === "shadow" && detail?.shadow !== undefined) return detail.shadow ? "It ranks beside whatever answers" : "Its shadow ended";
  return "";
}

export function Timeline({ history }: { history: ModelEvent[] }) {
  if (history.length === 0) return <Empty title="Nothing happened yet">The first model opens the timeline.</Empty>;
  return (
    <ol class="timeline">
      {history.map((event) => (
        <li key={event.id} class={kTones[event.what] ?? ""}>
          <p>
            <strong>{words(event.what)}</strong> <a href={`#/models/${event.model_id}`}>model {event.model_id}</a>
            <span class="quiet-text"> by {event.actor}{event.remark && ` (${event.remark})`}, <time dateTime={event.at} title={clock(event.at)}>{ago(event.at)}</time></span>
          </p>
          {(event.reason || what(event)) && <p class="note">{[what(event), event.reason].filter(Boolean).join(". ")}</p>}
        </li>
      ))}
    </ol>
  );
}
