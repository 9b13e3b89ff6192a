import { useEffect, useState } from "preact/hooks";
import type { Correction } from "../../api/tables";
import type { InferredColumn } from "../../api/types";
import { Badge } from "../../parts/Badge";

const kTypes = ["int", "float", "bool", "date", "time", "category", "tags", "string", "text", "vector", "place", "int_list"];
const kClosable = ["category", "tags"];
const kLongestName = 64;
const kWords = 12;  // of a closed set that are shown

interface Props {
  column: InferredColumn;
  correct: (correction: Correction) => void;
  choose: (column: string, role: string, before: string) => void;
}

function Values({ values }: { values: string[] }) {
  if (values.length === 0) return <>any word</>;
  return <>{values.slice(0, kWords).join(", ")}{values.length > kWords && ` and ${values.length - kWords} more`}</>;
}

// What is being typed stays, whatever answer to an earlier correction comes meanwhile.
function FieldName({ column, correct }: Pick<Props, "column" | "correct">) {
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped(undefined), [column.field]);
  return (
    <input type="text" aria-label={`Name of the field of ${column.column}`} maxLength={kLongestName} spellcheck={false}
      value={typed ?? column.field} onInput={(event) => setTyped(event.currentTarget.value)}
      onChange={(event) => correct({ column: column.column, name: event.currentTarget.value.trim() })} />
  );
}

// One column of the file: what was seen, what it becomes, and what is not sure.
export function ColumnRow({ column, correct, choose }: Props) {
  const name = column.column;
  const field = column.role === "field";
  return (
    <tr class={column.doubts.length > 0 ? "doubted" : ""}>
      <th scope="row">{name || <span class="quiet-text">without a name</span>}<small class="under">{column.seen}</small></th>
      <td>
        <select aria-label={`What ${name} is`} value={column.role} onChange={(event) => choose(name, event.currentTarget.value, column.role)}>
          <option value="field">a field</option>
          <option value="id">the id</option>
          <option value="ignored">left out</option>
        </select>
        {field && <FieldName column={column} correct={correct} />}
      </td>
      <td>
        {field && (
          <select aria-label={`Type of ${name}`} value={column.type} onChange={(event) => correct({ column: name, type: event.currentTarget.value })}>
            {kTypes.map((type) => <option key={type}>{type}</option>)}
          </select>
        )}
      </td>
      <td>
        {field && <input type="checkbox" aria-label={`${name} may be absent`} checked={!column.required} onChange={(event) => correct({ column: name, required: !event.currentTarget.checked })} />}
      </td>
      <td>
        {field && <input type="checkbox" aria-label={`${name} is a feature`} checked={column.feature} onChange={(event) => correct({ column: name, feature: event.currentTarget.checked })} />}
      </td>
      <td class="wrap">
        {field && kClosable.includes(column.type) && (
          <label class="closed">
            <input type="checkbox" checked={column.values.length > 0} aria-label={`Only the words of ${name} that are there`}
              onChange={(event) => correct({ column: name, closed: event.currentTarget.checked })} />
            <Values values={column.values} />
          </label>
        )}
      </td>
      <td class="wrap">
        {column.doubts.length > 0 && <Badge tone="warn">not sure</Badge>}
        {column.doubts.join("; ")}
      </td>
    </tr>
  );
}
