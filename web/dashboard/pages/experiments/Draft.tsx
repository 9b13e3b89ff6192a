import { useEffect, useRef, useState } from "preact/hooks";
import { get, send } from "../../api/client";
import type { Experiment, ExperimentMetric, Model } from "../../api/types";
import { usePoll } from "../../state/usePoll";
import { go } from "../../state/route";
import { isRate, nameOf } from "./metrics";
import { SizeOf } from "./SizeOf";

interface Props {
  models: Model[];
  close: () => void;
  done: () => void;
}

interface Entries {
  name: string;
  method: string;  // split, or how lists are merged
  challenger: string;
  share: string;
  unit: string;
  primary: string;
  effect: string;
  baseline: string;
  guardrail: string;
  bound: string;
  ramp: boolean;
}

function bodyOf(entries: Entries) {
  const share = Number(entries.share);
  const other = entries.challenger === "champion" ? "champion" : Number(entries.challenger);
  const given = entries.baseline === "" ? {} : { [isRate(entries.primary) ? "baseline" : "deviation"]: Number(entries.baseline) };
  const method = merged(entries) ? { method: "interleaving", interleaving: entries.method } : {};
  return {
    name: entries.name, ...method, unit: entries.unit, primary: entries.primary, smallest_effect: Number(entries.effect), ...given,
    arms: [{ name: "control", model_id: "champion", share }, { name: "challenger", model_id: other, share }],
    ...(entries.guardrail ? { guardrails: [{ metric: entries.guardrail, bound: Number(entries.bound) }] } : {}),
    ...(entries.ramp ? { ramp: {} } : {}),
  };
}

function merged({ method }: Entries): boolean {
  return method !== "split";
}

// An experiment of the champion and one other model; more arms are drafted over the API.
export function Draft({ models, close, done }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const challengers = models.filter((model) => !model.champion);
  const [entries, setEntries] = useState<Entries>({
    name: "", method: "split", challenger: String(challengers.at(-1)?.model_id ?? "champion"), share: "0.5", unit: "person", primary: "pick_rate",
    effect: "0.02", baseline: "", guardrail: "none_rate", bound: "0.02", ramp: true,
  });
  const known = usePoll(() => get<ExperimentMetric[]>("/experiments/metrics"), []);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const set = (name: keyof Entries) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
    setEntries({ ...entries, [name]: event.currentTarget.value });

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      const made = await send<Experiment>("POST", "/experiments", bodyOf(entries));
      done();
      close();
      go("experiments", made.experiment_id);
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  }

  // A metric of the whole list is none of interleaved arms. Until all are known there are those of the first entries.
  function metricsOf(method: string): string[] {
    const all = known.value?.filter((one) => method === "split" || one.of_an_arm).map((one) => one.metric);
    return all ?? (method === "split" ? ["pick_rate", "none_rate"] : ["pick_rate"]);
  }

  function setMethod(method: string) {
    const told = metricsOf(method);
    const primary = told.includes(entries.primary) ? entries.primary : "pick_rate";
    const guardrail = told.includes(entries.guardrail) ? entries.guardrail : "";
    const challenger = merged({ ...entries, method }) && entries.challenger === "champion" ? String(challengers.at(-1)?.model_id ?? "champion") : entries.challenger;
    setEntries({ ...entries, method, primary, guardrail, challenger });
  }

  const together = merged(entries);
  const kind = { method: together ? "interleaving" : "split" } as const;
  const metrics = metricsOf(entries.method).map((name) => <option key={name} value={name}>{nameOf(name, kind)}</option>);
  return (
    <dialog ref={dialog} class="wide" aria-labelledby="draft-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="draft-title">Draft an experiment</h2>
        <p class="note">It answers nobody until it is started.</p>
        <div class="fields draft">
          <label>Name<input required maxLength={100} autofocus value={entries.name} onInput={set("name")} /></label>
          <label>Lists are
            <select value={entries.method} onChange={(event) => setMethod(event.currentTarget.value)}>
              <option value="split">one arm's each (split)</option>
              {challengers.length > 0 && <option value="team_draft">of both arms, by team draft</option>}
              {challengers.length > 0 && <option value="probabilistic">of both arms, by chance</option>}
            </select>
          </label>
          <label>Beside the champion
            <select value={entries.challenger} onChange={set("challenger")}>
              {!together && <option value="champion">the champion again (A/A)</option>}
              {challengers.map((model) => <option key={model.model_id} value={String(model.model_id)}>{model.family} {model.model_id}</option>)}
            </select>
          </label>
          <label>Share of each arm<input type="number" required min="0.00001" max="0.5" step="any" value={entries.share} onInput={set("share")} /></label>
          <label>Drawn are
            <select value={entries.unit} onChange={set("unit")}><option value="person">people</option><option value="request">requests</option></select>
          </label>
          <label>Metric that decides<select value={entries.primary} onChange={set("primary")}>{metrics}</select></label>
          <label>Smallest effect of interest<input type="number" required min="0.000000001" step="any" value={entries.effect} onInput={set("effect")} /></label>
          <label>{isRate(entries.primary) ? (together ? "Share of lists with a pick (or as measured)" : "Rate without it (or as measured)") : "Standard deviation between people"}
            <input type="number" min="0" step="any" required={!isRate(entries.primary)} value={entries.baseline} onInput={set("baseline")} />
          </label>
          <label>Guardrail<select value={entries.guardrail} onChange={set("guardrail")}><option value="">none</option>{metrics}</select></label>
          {entries.guardrail && <label>At most so much worse<input type="number" required min="0" step="any" value={entries.bound} onInput={set("bound")} /></label>}
        </div>
        <div class="flags">
          <label class="check"><input type="checkbox" checked={entries.ramp} onChange={(event) => setEntries({ ...entries, ramp: event.currentTarget.checked })} /> ramp it up: 1, 5, 25 and 50 % of the people, a day each</label>
        </div>
        <SizeOf method={kind.method} primary={entries.primary} effect={entries.effect} baseline={entries.baseline} />
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end">
          <button type="button" class="quiet" onClick={close}>Leave it</button>
          <button type="submit" disabled={busy}>Draft</button>
        </div>
      </form>
    </dialog>
  );
}
