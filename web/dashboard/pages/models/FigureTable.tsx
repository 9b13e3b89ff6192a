import type { Figure, Model } from "../../api/types";
import { number } from "../../text/format";

const kFirst: Figure[] = ["ndcg@10", "mrr", "auc", "logloss", "calibration_error", "acc", "pre", "rec", "f1"];

// A model's figures on its test part, beside another's on its own.
export function FigureTable({ model, other }: { model: Model; other?: Model }) {
  const figures = model.metrics ?? {};
  const names = kFirst.filter((name) => figures.test?.[name] !== undefined || figures.train?.[name] !== undefined);
  if (names.length === 0) return <p class="note">It has no figures: nothing was held back to judge it on.</p>;
  return (
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">Figure</th><th scope="col" class="num">Test</th><th scope="col" class="num">Train</th>
          {other && <th scope="col" class="num">{other.family} {other.model_id}, test</th>}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{name.replace("_", " ")}</th>
            <td class="num">{number(figures.test?.[name])}</td>
            <td class="num">{number(figures.train?.[name])}</td>
            {other && <td class="num">{number(other.metrics?.test?.[name])}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
