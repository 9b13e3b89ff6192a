import { useEffect, useState } from "preact/hooks";
import { ApiError, get, inPath } from "../../api/client";
import type { Erasure } from "../../api/types";
import { Badge, type Tone } from "../../parts/Badge";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { NotFound } from "../../parts/NotFound";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { clock, count } from "../../text/format";

const kEvery = 500;  // ms; an erasure begins two seconds after it was asked for
const kStates: Record<Erasure["status"], [Tone, string, boolean]> = {  // and whether that is the end
  PENDING: ["live", "begins in a moment", false], STARTED: ["live", "under way", false], RETRY: ["warn", "tried again", false],
  SUCCESS: ["good", "done", true], FAILURE: ["bad", "failed", true], REVOKED: ["warn", "cancelled", true],
};

async function read(task: string): Promise<Erasure | "unknown"> {
  try {
    return await get<Erasure>(`/erasures/${inPath(task)}`);
  } catch (error) {
    if ((error as ApiError).status !== 404) throw error;
    return "unknown";
  }
}

function Receipt({ receipt }: { receipt: NonNullable<Erasure["receipt"]> }) {
  const { removed, unlinked } = receipt;
  return (
    <>
      <dl class="stats small">
        <Stat name="Stored fields" value={removed.persons ? "removed" : "there were none"} />
        <Stat name="Events removed" value={count(removed.person_events ?? 0)} note={`${count(unlinked.person_events ?? 0)} more are nobody's`} />
        <Stat name="Requests unlinked" value={count(unlinked.requests ?? 0)} note={`with ${count(unlinked.feedback ?? 0)} told of them`} />
        <Stat name="Ended" value={clock(receipt.ended)} note={`by ${receipt.by}`} />
      </dl>
      <p class="note">{receipt.stays}</p>
    </>
  );
}

// How far an erasure is, and what it did in the end.
export function ErasureCard({ task }: { task: string }) {
  const [over, setOver] = useState(false);
  const erasure = usePoll(() => read(task), [task], over ? undefined : kEvery);
  const now = erasure.value;
  useEffect(() => { if (now && (now === "unknown" || kStates[now.status][2])) setOver(true); }, [now]);
  return (
    <Loaded of={erasure} room={14}>
      {(value) => {
        if (value === "unknown") return <NotFound what="There is no such erasure">Its task is not in the ledger.</NotFound>;
        const [tone, said] = kStates[value.status];
        return (
          <Card title="Erasure" note={<a class="id" href={`#/inspect/${value.task_id}`}>{value.task_id}</a>} action={<Badge tone={tone}>{said}</Badge>}>
            <div role="status">
              {!value.receipt && !over && (
                <>
                  <progress aria-label="The erasure is under way" />
                  <p class="note">{value.so_far
                    ? `So far ${count(value.so_far.person_events ?? 0)} events and ${count(value.so_far.requests ?? 0)} requests`
                    : "Stored fields are gone; the rest follows"}</p>
                </>
              )}
              {value.receipt && <Receipt receipt={value.receipt} />}
              {value.error && <p class="fault">{value.error}</p>}
              {over && !value.receipt && <p class="note">The page <a href="#/tasks?kind=erasure">Tasks</a> can try it again for some minutes; after that it is asked for anew.</p>}
            </div>
          </Card>
        );
      }}
    </Loaded>
  );
}
