import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Model } from "../../api/types";
import { ReasonDialog } from "../../parts/ReasonDialog";

const kActor = "dashboard";

type Asked = "promote" | "share" | "shadow" | "remove";

// What may be done with a model that is not the champion. Every change asks why.
export function ModelActions({ model, done }: { model: Model; done: () => void }) {
  const [asked, setAsked] = useState<Asked>();
  const [share, setShare] = useState(String(model.share || 0.1));
  if (model.champion) return null;
  const name = `${model.family} ${model.model_id}`;
  const change = (what: Asked, more: object) => async (reason: string) => {
    await send("POST", `/models/${model.model_id}/${what}`, { reason, actor: kActor, ...more });
    done();
  };
  const remove = async (reason: string) => {
    await send("DELETE", `/models/${model.model_id}?reason=${encodeURIComponent(reason)}`);
    window.location.hash = "#/models";
    done();
  };
  const shared = { close: () => setAsked(undefined) };
  return (
    <div class="row">
      <button type="button" onClick={() => setAsked("promote")}>Promote</button>
      <button type="button" class="quiet" onClick={() => setAsked("share")}>Share traffic</button>
      <button type="button" class="quiet" onClick={() => setAsked("shadow")}>{model.shadow ? "End shadow" : "Shadow"}</button>
      {!model.shadow && model.share === 0 && <button type="button" class="quiet" onClick={() => setAsked("remove")}>Remove</button>}
      {asked === "promote" && (
        <ReasonDialog {...shared} title={`Promote ${name}`} act="Promote" carryOut={change("promote", {})}>
          <p>From the next task on it answers everybody. What runs keeps its model.</p>
        </ReasonDialog>
      )}
      {asked === "share" && (
        <ReasonDialog {...shared} title={`Share traffic with ${name}`} act="Share" carryOut={change("share", { share: Number(share) })}>
          <label>
            Share of the people, from 0 to below 1
            <input type="number" min="0" max="0.99" step="0.01" required value={share}
              onInput={(event) => setShare(event.currentTarget.value)} />
          </label>
        </ReasonDialog>
      )}
      {asked === "shadow" && (
        <ReasonDialog {...shared} title={model.shadow ? `End the shadow of ${name}` : `Let ${name} shadow`}
          act={model.shadow ? "End it" : "Let it shadow"} carryOut={change("shadow", { shadow: !model.shadow })}>
          <p>A shadow ranks beside whatever answers; nobody sees its lists.</p>
        </ReasonDialog>
      )}
      {asked === "remove" && (
        <ReasonDialog {...shared} title={`Remove ${name}`} act="Remove for good" carryOut={remove}>
          <p>Its weights are deleted and cannot be had again. Its lines in the timeline stay; its number is never given again.</p>
        </ReasonDialog>
      )}
    </div>
  );
}
