import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { ItemId, Model, Reordering } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { number } from "../../text/format";

interface Props {
  task: string;
  itemId: string;   // the field that holds an item's id
  stored: ItemId[];  // the list as it was ranked
}

const kRows = 10;

function moved(before: number, now: number): string {
  return before === now ? "same" : before > now ? `up ${before - now}` : `down ${now - before}`;
}

// The same request through another model: both lists, side by side.
export function OtherModel({ task, itemId, stored }: Props) {
  const models = usePoll(() => get<Model[]>("/models"), []);
  const [chosen, choose] = useState("");
  const preset = models.value?.filter((one) => !one.champion).at(-1) ?? models.value?.at(-1);
  const model = chosen || String(preset?.model_id ?? "");
  const other = usePoll(() => model ? get<Reordering>(`/inference/reorder/${task}/${model}`) : Promise.resolve(null), [task, model]);
  return (
    <>
      <div class="row filters">
        <label>
          <span>Model</span>
          <select value={model} onChange={(event) => choose(event.currentTarget.value)}>
            {models.value?.map((one) => <option key={one.model_id} value={String(one.model_id)}>{one.family} {one.model_id}{one.champion ? ", champion" : ""}</option>)}
          </select>
        </label>
      </div>
      <Loaded of={other} room={26}>
        {(value) => value === null ? <p class="note">There is no other model yet.</p> : (
          <div class="scroll" tabIndex={0} role="region" aria-label="Both lists">
            <table class="close">
              <thead>
                <tr><th scope="col" class="num">Rank</th><th scope="col">As it was</th><th scope="col">{value.family} {value.model_id}</th><th scope="col" class="num">Score</th><th scope="col">Moved</th></tr>
              </thead>
              <tbody>
                {value.items.slice(0, kRows).map((item, index) => (
                  <tr key={index}>
                    <td class="num">{index + 1}</td>
                    <td>{stored[index]}</td>
                    <th scope="row">{item[itemId]}</th>
                    <td class="num">{number(item.score)}</td>
                    <td class={item.before === index + 1 ? "quiet-text" : ""}>{moved(item.before, index + 1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </>
  );
}
