import { get } from "../../api/client";
import { histories } from "../../api/domain";
import type { Importance, Model } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { count, number, words } from "../../text/format";

const kMost = 12;

async function read(model: Model, other?: Model) {
  const [happened, own, others] = await Promise.all([
    histories(), ...[model, other].map((one) => one && get<Importance>(`/models/${one.model_id}/importance`)),
  ] as const);
  return { happened, own: own!, others };
}

// What moves a model's scores, beside what moves another's.
export function ImportanceBars({ model, other }: { model: Model; other?: Model }) {
  const importance = usePoll(() => read(model, other), [model.model_id, other?.model_id]);
  return (
    <Loaded of={importance} room={26}>
      {({ happened, own, others }) => {
        if (own.features.length === 0) return <p class="note">Nothing was shown yet that it could be measured on.</p>;
        const theirs = new Map(others?.features.map((one) => [one.feature, one.importance]));
        const rows = own.features.slice(0, kMost);
        const told = rows.flatMap((row) => happened.get(row.feature) ?? []);
        const most = Math.max(...rows.flatMap((row) => [row.importance, theirs.get(row.feature) ?? 0]), 1e-9);
        if (rows[0].importance === 0) return <p class="note">This family does not look at features.</p>;
        const bar = (size: number, tone: string) => (
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class={tone} width={100 * size / most} height="8" rx="1" />
          </svg>
        );
        return (
          <>
            <table class="bars importance">
              <caption class="hidden">Mean size of each feature's contribution, in log-odds</caption>
              <thead><tr><th scope="col">Feature</th><th scope="col"><span class="hidden">Bar</span></th>
                <th scope="col" class="num">{model.family} {model.model_id}</th>
                {other && <th scope="col" class="num">{other.family} {other.model_id}</th>}</tr></thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.feature}>
                    <th scope="row">{words(row.feature)}</th>
                    <td>{bar(row.importance, "plus")}{other && bar(theirs.get(row.feature) ?? 0, "beside")}</td>
                    <td class="num">{number(row.importance)}</td>
                    {other && <td class="num">{number(theirs.get(row.feature))}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
            <p class="note">The mean of |contribution| in log-odds, over {count(own.rows)} items shown last.</p>
            {told.length > 0 && (
              <details class="chart-table">
                <summary>Which of them say what happened before</summary>
                <dl class="meanings">{told.map((one) => <div key={one.name}><dt>{words(one.name)}</dt><dd>{one.means}</dd></div>)}</dl>
              </details>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
