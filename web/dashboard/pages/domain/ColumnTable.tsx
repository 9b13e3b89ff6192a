import type { Correction } from "../../api/tables";
import type { Inferred } from "../../api/types";
import { ColumnRow } from "./ColumnRow";

interface Props {
  inferred: Inferred;
  correct: (correction: Correction) => void;
  choose: (column: string, role: string, before: string) => void;
}

// What each column of the file becomes; every choice can be corrected.
export function ColumnTable({ inferred, correct, choose }: Props) {
  const columns = inferred.columns.filter(({ table }) => table === "items");
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of columns">
      <table class="columns-of-file">
        <thead>
          <tr>
            <th scope="col">Column</th><th scope="col">Is</th><th scope="col">Type</th><th scope="col">Optional</th>
            <th scope="col">Feature</th><th scope="col">Only these words</th><th scope="col">Doubts</th>
          </tr>
        </thead>
        <tbody>{columns.map((column, at) => <ColumnRow key={`${at} ${column.column}`} column={column} correct={correct} choose={choose} />)}</tbody>
      </table>
    </div>
  );
}
