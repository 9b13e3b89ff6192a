import { useState } from "preact/hooks";
import { get, send } from "../../api/client";
import type { Model, Replay } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { number } from "../../text/format";

interface Props {
  task: string;
  itemId: string;  // the field that holds an item's id
}

const kRows = 10;
const kAsItWas = "then";

function verdict(replay: Replay): string {
  if (replay.same) return "The same list, bit by bit.";
  const from = replay.first_difference === null ? "It is shorter than it was." : `It differs from rank ${replay.first_difference} on.`;
  return replay.as_it_was ? `${from} Nothing was changed, so that should not be.` : from;
}

// The whole request once more: as it was, or with today's catalog or another model.
export function RankedAgain({ task, itemId }: Props) {
  const models = usePoll(() => get<Model[]>("/models"), []);
  const [catalog, setCatalog] = useState(kAsItWas);
  const [model, setModel] = useState(kAsItWas);
  const wish = { catalog, limit: kRows, ...(model === kAsItWas ? {} : { model_id: Number(model), explore: 0 }) };
  const again = usePoll(() => send<Replay>("POST", `/inference/replay/${task}`, wish), [task, catalog, model]);
  return (
    <>
      <div class="row filters">
        <label>
          <span>Catalog</span>
          <select value={catalog} onChange={(event) => setCatalog(event.currentTarget.value)}>
            <option value={kAsItWas}>as it was</option>
            <option value="now">as it is now</option>
          </select>
        </label>
        <label>
          <span>Model</span>
          <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
            <option value={kAsItWas}>those that answered</option>
            {models.value?.map((one) => <option key={one.model_id} value={String(one.model_id)}>{one.family} {one.model_id}{one.champion ? ", champion" : ""}</option>)}
          </select>
        </label>
      </div>
      <Loaded of={again} room={26}>
        {(replay) => (
          <>
            <p class="note" role="status">{verdict(replay)}{replay.second_model_id !== null && ` Models ${replay.model_id} and ${replay.second_model_id} made it together.`} {replay.remarks.join(" ")}</p>
            <div class="scroll" tabIndex={0} role="region" aria-label="The list, ranked again">
              <table class="close">
                <thead>
                  <tr><th scope="col" class="num">Rank</th><th scope="col">Item</th><th scope="col" class="num">Score</th><th scope="col" class="num">Rank then</th></tr>
                </thead>
                <tbody>
                  {replay.items.map((item, index) => (
                    <tr key={index}>
                      <td class="num">{index + 1}</td>
                      <th scope="row">{item[itemId]}</th>
                      <td class="num">{number(item.score)}</td>
                      <td class={item.before === index + 1 ? "num quiet-text" : "num"}>{item.before ?? "not in it"}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
