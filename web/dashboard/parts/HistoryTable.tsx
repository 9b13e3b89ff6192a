import type { History } from "../api/types";
import { historyValue } from "../text/histories";
import { signed, words } from "../text/format";

interface Props {
  histories: Pick<History, "name" | "unit" | "means" | "value">[];
  added?: Map<string, number>;  // to a score, by each, in log-odds; those that are not in it added nothing by themselves
}

// What happened before: each history by name and in a sentence, with its value.
export function HistoryTable({ histories, added }: Props) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of what happened before">
      <table class="histories">
        <thead>
          <tr><th scope="col">History</th><th scope="col" class="num">Value</th>{added && <th scope="col" class="num">Added</th>}</tr>
        </thead>
        <tbody>
          {histories.map((history) => (
            <tr key={history.name}>
              <th scope="row">{words(history.name)}<small class="under">{history.means}</small></th>
              <td class="num">{historyValue(history)}</td>
              {added && <td class="num">{signed(added.get(history.name))}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
