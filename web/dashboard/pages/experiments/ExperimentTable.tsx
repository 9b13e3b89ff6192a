import type { Experiment } from "../../api/types";
import { Badge, type Tone } from "../../parts/Badge";
import { Empty } from "../../parts/Empty";
import { ago, count, percent, words } from "../../text/format";
import { nameOf } from "./metrics";

const kTones: Record<Experiment["state"], Tone> = { draft: "plain", running: "live", stopped: "warn", concluded: "good" };

export function StateOf({ experiment }: { experiment: Experiment }) {
  return <Badge tone={kTones[experiment.state]}>{experiment.state}</Badge>;
}

// What an experiment came to, in a few words.
export function outcomeOf({ conclusion, winner }: Experiment): string {
  if (!conclusion) return "";
  return conclusion === "winner" && winner ? `${winner} won` : words(conclusion);
}

export function ExperimentTable({ experiments, chosen }: { experiments: Experiment[]; chosen?: number }) {
  if (experiments.length === 0) {
    return <Empty title="No experiment yet">An experiment lets two models or more answer, each its own people or two of them together, and tells which does better.</Empty>;
  }
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of experiments">
      <table>
        <thead>
          <tr>
            <th scope="col">Experiment</th><th scope="col">State</th><th scope="col">Arms</th><th scope="col">Decides</th>
            <th scope="col" class="num">Planned people</th><th scope="col" class="num">Of the traffic</th><th scope="col">Drafted</th>
          </tr>
        </thead>
        <tbody>
          {[...experiments].reverse().map((one) => (
            <tr key={one.experiment_id} class={one.experiment_id === chosen ? "chosen" : ""}>
              <th scope="row">
                <a href={`#/experiments/${one.experiment_id}`} aria-current={one.experiment_id === chosen ? "true" : undefined}>{one.name}</a>
              </th>
              <td><StateOf experiment={one} /><span class="quiet-text">{outcomeOf(one)}</span></td>
              <td class="cut">{one.arms.map((arm) => arm.name).join(", ")}{one.method === "interleaving" && <small class="under quiet-text"> interleaved</small>}</td>
              <td>{nameOf(one.primary, one)}</td>
              <td class="num">{count(one.planned_people)}</td>
              <td class="num">{percent(one.exposure * one.arms.reduce((sum, arm) => sum + arm.share, 0), 0)}</td>
              <td>{ago(one.created)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
