import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Experiment } from "../../api/types";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { percent, words } from "../../text/format";
import { kConclusions } from "./metrics";

type Asked = "start" | "stop" | "conclude";

// What its state allows. Every change asks why.
export function ExperimentActions({ experiment, done }: { experiment: Experiment; done: () => void }) {
  const [asked, setAsked] = useState<Asked>();
  const [conclusion, setConclusion] = useState(experiment.state === "draft" ? "abandoned" : "no_difference");
  const [arm, setArm] = useState(experiment.arms[1].name);
  const { state, name, experiment_id: id } = experiment;
  const shared = { close: () => setAsked(undefined) };
  const change = (what: Asked, more: object = {}) => async (reason: string) => {
    await send("POST", `/experiments/${id}/${what}`, { reason, actor: "dashboard", ...more });
    done();
  };
  const traffic = percent(experiment.arms.reduce((sum, one) => sum + one.share, 0), 0);
  return (
    <div class="row">
      {state === "draft" && <button type="button" onClick={() => setAsked("start")}>Start</button>}
      {state === "running" && <button type="button" class="quiet" onClick={() => setAsked("stop")}>Stop</button>}
      {state !== "concluded" && <button type="button" class="quiet" onClick={() => setAsked("conclude")}>{state === "draft" ? "Abandon" : "Conclude"}</button>}
      {asked === "start" && (
        <ReasonDialog {...shared} title={`Start ${name}`} act="Start" carryOut={change("start")}>
          <p>From the next task on its arms answer{experiment.method === "interleaving" && ", both in every list"}. {traffic} of the people are its own until it ends.</p>
        </ReasonDialog>
      )}
      {asked === "stop" && (
        <ReasonDialog {...shared} title={`Stop ${name}`} act="Stop" carryOut={change("stop")}>
          <p>The champion and the challengers answer again. It cannot be started a second time.</p>
        </ReasonDialog>
      )}
      {asked === "conclude" && (
        <ReasonDialog {...shared} title={state === "draft" ? `Abandon ${name}` : `Conclude ${name}`} act={state === "draft" ? "Abandon" : "Conclude"}
          carryOut={change("conclude", { conclusion, ...(conclusion === "winner" ? { arm } : {}) })}>
          {state !== "draft" && (
            <label>
              What it came to
              <select value={conclusion} onChange={(event) => setConclusion(event.currentTarget.value)}>
                {kConclusions.map((one) => <option key={one} value={one}>{words(one)}</option>)}
              </select>
            </label>
          )}
          {conclusion === "winner" && (
            <label>
              Which arm
              <select value={arm} onChange={(event) => setArm(event.currentTarget.value)}>
                {experiment.arms.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
              </select>
            </label>
          )}
          <p class="note">No model is promoted by it; that is done on the page of models.</p>
        </ReasonDialog>
      )}
    </div>
  );
}
