import { useState } from "preact/hooks";
import { get, send } from "../../api/client";
import type { Evaluation, EvaluationBrief, Model, TaskStatus } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { StateBadge } from "../../parts/StateBadge";
import { usePoll } from "../../state/usePoll";
import { ago, percent } from "../../text/format";
import { Earnings } from "./Earnings";

const kEvery = 15_000;
const kQuick = 500;  // while one is under way
const kListed = 100;
const kUnderway = ["scheduled", "ready", "running"];
// How the target explores: a name and what is asked for.
const kWays = [
  { name: "nothing", terms: { explore: 0 } },
  ...[0.05, 0.1, 0.2].map((explore) => ({ name: `${percent(explore, 0)} in random order`, terms: { explore } })),
  { name: "by softmax, temperature 0.15", terms: { explore_by: "softmax" as const, temperature: 0.15 } },
  { name: "by squarecb", terms: { explore_by: "squarecb" as const } },
];
const kPositions = [10, 3, 1];

interface Known {
  own?: Evaluation;        // the newest of this model
  other?: EvaluationBrief; // another one that is under way
}

async function read(model: Model): Promise<Known> {
  const all = await get<EvaluationBrief[]>(`/evaluations?limit=${kListed}`);
  const own = all.find((one) => one.request.model_id === model.model_id);
  return {
    own: own && await get<Evaluation>(`/evaluations/${own.task_id}`),
    other: all.find((one) => kUnderway.includes(one.state) && one.task_id !== own?.task_id),
  };
}

// Off-policy evaluation of one model: start it, watch it, read what it came to.
export function WouldHaveEarned({ model }: { model: Model }) {
  const [quick, setQuick] = useState(false);
  const known = usePoll(async () => {
    const now = await read(model);
    setQuick(now.own !== undefined && kUnderway.includes(now.own.state));
    return now;
  }, [model.model_id], quick ? kQuick : kEvery);
  return (
    <Card title="What it would have earned" class="earned"
      note="Told from the lists that chance has drawn: no need to let anybody see what this model shows">
      <Loaded of={known} room={12}>
        {({ own, other }) => (
          <>
            {own && kUnderway.includes(own.state)
              ? <Underway evaluation={own} done={known.again} />
              : <Start model={model} other={other} done={known.again} />}
            {own && <Outcome evaluation={own} />}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function Underway({ evaluation, done }: { evaluation: Evaluation; done: () => void }) {
  const [fault, setFault] = useState("");
  const cancel = () => send("POST", `/evaluations/${evaluation.task_id}/cancel`).then(done).catch((error: Error) => setFault(error.message));
  return (
    <>
      <p aria-live="polite"><StateBadge state={evaluation.state} /> {evaluation.phase}</p>
      <div class="row">
        <progress value={evaluation.progress} aria-label="Share of the work done" />
        <span class="num">{percent(evaluation.progress, 0)}</span>
        <button type="button" class="quiet" onClick={cancel}>Cancel</button>
      </div>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </>
  );
}

interface StartProps {
  model: Model;
  other?: EvaluationBrief;
  done: () => void;
}

function Start({ model, other, done }: StartProps) {
  const [way, setWay] = useState(0);
  const [positions, setPositions] = useState(kPositions[0]);
  const [trained, setTrained] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function start(event: Event) {
    event.preventDefault();
    setFault("");
    setBusy(true);
    try {
      await send<TaskStatus>("POST", "/evaluations", { model_id: model.model_id, ...kWays[way].terms, positions, include_trained: trained });
      done();
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }

  return (
    <form onSubmit={start}>
      <div class="row">
        <label class="beside"><span>exploring</span>
          <select value={String(way)} onChange={(event) => setWay(Number(event.currentTarget.value))}>
            {kWays.map(({ name }, index) => <option key={name} value={String(index)}>{name}</option>)}
          </select>
        </label>
        <label class="beside"><span>positions</span>
          <select value={String(positions)} onChange={(event) => setPositions(Number(event.currentTarget.value))}>
            {kPositions.map((some) => <option key={some} value={String(some)}>{some === 1 ? "the first" : `the first ${some}`}</option>)}
          </select>
        </label>
        <label class="check"><input type="checkbox" checked={trained} onChange={(event) => setTrained(event.currentTarget.checked)} /> also what it learned from</label>
        <button type="submit" disabled={busy || other !== undefined}>Evaluate</button>
      </div>
      {other && <p class="note">Another evaluation is under way; there is one at a time.</p>}
      {fault && <p class="fault" role="alert">{fault}</p>}
    </form>
  );
}

function Outcome({ evaluation }: { evaluation: Evaluation }) {
  if (evaluation.error) return <p class="fault">{evaluation.error}</p>;
  if (!evaluation.evaluation) return null;
  const { explore = 0, explore_by = "a random order" } = evaluation.request;
  return (
    <>
      <p class="note">
        Asked {ago(evaluation.created)}{explore > 0 && `; ${percent(explore, 0)} of the requests explore by ${explore_by}`}
      </p>
      <Earnings evaluation={evaluation.evaluation} />
    </>
  );
}
