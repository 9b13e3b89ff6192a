import { get, inPath } from "../../api/client";
import type { Explanation, ItemId } from "../../api/types";
import { Contributions } from "../../charts/Contributions";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";

export function Explained({ task, item }: { task: string; item: ItemId }) {
  const explanation = usePoll(() => get<Explanation>(`/inference/explain/${task}/${inPath(item)}`), [task, item]);
  return (
    <Loaded of={explanation} room={28}>
      {(value) => (
        <>
          {value.model_id !== null && <p>Ranked by <a href={`#/models/${value.model_id}`}>{value.family} {value.model_id}</a></p>}
          <Contributions explanation={value} />
        </>
      )}
    </Loaded>
  );
}
