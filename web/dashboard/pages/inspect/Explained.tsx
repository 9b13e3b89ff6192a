import { get, inPath } from "../../api/client";
import type { Explanation, ItemId } from "../../api/types";
import { Contributions } from "../../charts/Contributions";
import { HistoryTable } from "../../parts/HistoryTable";
import { Loaded } from "../../parts/Loaded";
import { number, percent, words } from "../../text/format";
import { usePoll } from "../../state/usePoll";

// A wish by its name, a pinned position by its number.
function term(value: Explanation["policy"]["parameters"][string]): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return value;
  return value.map((one) => (typeof one === "number" ? number(one) : words(String((one as { name?: unknown }).name)))).join(", ");
}

// What made the list, and how likely it put the item where it stands.
function told({ policy, propensity, position }: Explanation): string {
  const set = Object.entries(policy.parameters).map(([name, value]) => `${words(name)} ${term(value)}`);
  const by = set.length === 0 ? policy.name : `${policy.name} (${set.join(", ")})`;
  return `Policy ${words(by)}: a chance of ${percent(propensity)} at position ${position}, given those above it.`;
}

export function Explained({ task, item }: { task: string; item: ItemId }) {
  const explanation = usePoll(() => get<Explanation>(`/inference/explain/${task}/${inPath(item)}`), [task, item]);
  return (
    <Loaded of={explanation} room={28}>
      {(value) => (
        <>
          <p class="note">{told(value)}</p>
          {value.model_id !== null && <p>{value.placed_by ? "Two models made this list; it was placed by" : "Ranked by"} <a href={`#/models/${value.model_id}`}>{value.family} {value.model_id}</a></p>}
          <Contributions explanation={value} />
          {value.histories.length > 0 && (
            <section class="happened">
              <h3>What was known then</h3>
              <HistoryTable histories={value.histories} added={new Map(value.contributions.map((one) => [one.feature, one.contribution]))} />
            </section>
          )}
        </>
      )}
    </Loaded>
  );
}
