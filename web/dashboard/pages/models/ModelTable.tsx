import type { Model } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { scaleOf } from "../../charts/scaleOf";
import { Badge } from "../../parts/Badge";
import { Empty } from "../../parts/Empty";
import { VerdictBadge } from "../../parts/VerdictBadge";
import { ago, count, number, percent } from "../../text/format";

export function ModelTable({ models, chosen }: { models: Model[]; chosen?: number }) {
  if (models.length === 0) {
    return <Empty title="No model yet">Collect outcomes and <a href="#/training">train the first one</a>.</Empty>;
  }
  const scale = scaleOf(models.map((model) => model.counts.pick_rate_ci));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of models">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th><th scope="col">Role</th><th scope="col">Verdict</th><th scope="col">Pick rate</th>
            <th scope="col" class="num">Lists shown</th><th scope="col" class="num">NDCG@10</th><th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {[...models].reverse().map((model) => (
            <tr key={model.model_id} class={model.model_id === chosen ? "chosen" : ""}>
              <th scope="row">
                <a href={`#/models/${model.model_id}`} aria-current={model.model_id === chosen ? "true" : undefined}>
                  {model.family} {model.model_id}
                </a>
              </th>
              <td>
                {model.champion ? <Badge tone="good">champion</Badge> : model.share > 0 ? <Badge tone="live">challenger</Badge> : null}
                {model.shadow && <Badge tone="warn">shadow</Badge>}
                {model.share > 0 && <span class="quiet-text"> {percent(model.share, 0)}</span>}
              </td>
              <td><VerdictBadge verdict={model.verdict} /></td>
              <td><RateBand rate={model.counts.pick_rate} band={model.counts.pick_rate_ci} scale={scale} /></td>
              <td class="num">{count(model.counts.shown)}</td>
              <td class="num">{number(model.metrics?.test?.["ndcg@10"])}</td>
              <td>{ago(model.created)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
