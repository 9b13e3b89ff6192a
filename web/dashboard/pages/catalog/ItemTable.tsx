import type { Domain } from "../../api/domain";
import type { Fields } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { isFlag } from "../../parts/schemaValues";
import { count, value, words } from "../../text/format";

// How often items were shown and picked lately, by id.
export type Seen = Map<number, { shown: number; picked: number }>;

interface Props {
  domain: Domain;
  items: Fields[];
  seen: Seen;
  searched: boolean;
  edit: (item: Fields) => void;
}

const kColumns = 5;

export function ItemTable({ domain, items, seen, searched, edit }: Props) {
  if (items.length === 0) {
    return searched
      ? <Empty title="Nothing is like that">Search for something else.</Empty>
      : <Empty title="The catalog is empty">Add an item, or import a table of them.</Empty>;
  }
  const properties = Object.entries(domain.item.properties ?? {});
  const columns = properties.filter(([name, schema]) =>
    !isFlag(schema) && name !== domain.itemId && domain.item.required?.includes(name)).map(([name]) => name).slice(0, kColumns);
  const flags = properties.filter(([, schema]) => isFlag(schema)).map(([name]) => name);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of items">
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col" class="num">Shown</th><th scope="col" class="num">Picked</th>
            {columns.map((name) => <th key={name} scope="col" class="num">{words(name)}</th>)}
            {flags.length > 0 && <th scope="col">Has</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const id = String(item[domain.itemId]);
            return (
              <tr key={id}>
                <th scope="row"><button type="button" class="link" aria-label={`Edit ${id}`} onClick={() => edit(item)}>{id}</button></th>
                <td class="num">{count(seen.get(Number(id))?.shown ?? 0)}</td>
                <td class="num">{count(seen.get(Number(id))?.picked ?? 0)}</td>
                {columns.map((name) => <td key={name} class="num">{value(item[name])}</td>)}
                {flags.length > 0 && <td class="quiet-text wrap">{flags.filter((name) => item[name]).map(words).join(", ")}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
