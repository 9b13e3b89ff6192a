import type { Domain } from "../../api/domain";
import type { Fields } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { number, value, words } from "../../text/format";

interface Props {
  domain: Domain;
  result: Fields;
  picked: boolean;
  pick: () => void;
}

const kFigures = 4;

export function ResultCard({ domain, result, picked, pick }: Props) {
  const id = result[domain.itemId];
  const shown = Object.entries(result).filter(([name]) => !["score", "creation_time", "lat", "lon", domain.itemId].includes(name));
  const has = shown.filter(([, field]) => field === true).map(([name]) => words(name));
  const figures = shown.filter(([, field]) => typeof field !== "boolean").slice(0, kFigures);
  return (
    <li class={picked ? "picked" : ""}>
      <div>
        <p class="result-name">{domain.itemName} {String(id)} <span class="quiet-text">score {number(result.score as number)}</span></p>
        <p class="result-figures">{figures.map(([name, field]) => <span key={name}>{words(name)} <b>{value(field)}</b></span>)}</p>
        {has.length > 0 && <p class="note">{has.join(" · ")}</p>}
      </div>
      {picked ? <Badge tone="good">picked</Badge>
        : <button type="button" class="quiet" aria-label={`Pick ${domain.itemName} ${id}`} onClick={pick}>Pick</button>}
    </li>
  );
}
