import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Domain } from "../../api/domain";
import type { ItemId } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { seconds } from "../../text/format";
import { ResultCard } from "./ResultCard";
import { useAnswer } from "./useAnswer";

const kNone = -1;

// The ranked list of a task, and the pick.
export function Answer({ domain, task }: { domain: Domain; task?: string }) {
  const { statuses, took, results, error } = useAnswer(task);
  const [picked, setPicked] = useState<ItemId>();
  const [fault, setFault] = useState<Error>();
  if (!task) {
    return <Card title="Ranking"><Empty title="Nothing was asked yet">Fill in the form and rank the catalog; the best ten appear here.</Empty></Card>;
  }
  async function pick(item: ItemId) {
    setFault(undefined);
    try {
      await send("PUT", "/inference/select", { task_id: task, [domain.itemId]: item });
      setPicked(item);
    } catch (failure) {
      setFault(failure as Error);
    }
  }
  return (
    <Card title="Ranking" note={<a class="id" href={`#/inspect/${task}`}>{task}</a>}
      action={results && picked === undefined && <button type="button" class="quiet" onClick={() => pick(kNone)}>None of these</button>}>
      <p role="status" class="steps">
        {statuses.join(" → ") || "sent"}
        {took !== undefined && <span class="quiet-text">, here after {seconds(took / 1000)}</span>}
        {picked !== undefined && (
          <span> · {picked === kNone ? "None chosen: that teaches too." : `Picked ${picked}.`} <a href="#/">See the loop take note</a></span>
        )}
      </p>
      {error && <Failure error={error} />}
      {fault && <Failure error={fault} />}
      {results?.length === 0 && <Empty title="Nothing fits">No item is eligible for this request; ask for less.</Empty>}
      <ol class="results">
        {results?.map((result) => (
          <ResultCard key={String(result[domain.itemId])} domain={domain} result={result}
            picked={picked === result[domain.itemId]} pick={() => pick(result[domain.itemId] as ItemId)} />
        ))}
      </ol>
    </Card>
  );
}
