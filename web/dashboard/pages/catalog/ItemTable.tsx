import type { Domain } from "../../api/domain";
import type { Fields, FoundItems } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { isFlag, isNumber } from "../../parts/schemaValues";
import { count, value, words } from "../../text/format";

interface Props {
  domain: Domain;
  found: FoundItems["items"];
  searched: boolean;
  edit: (item: Fields) => void;
}

const kColumns = 5;

export function ItemTable({ domain, found, searched, edit }: Props) {
  if (found.length === 0) {
    return searched
      ? <Empty title="Nothing is like that">Search for something else.</Empty>
      : <Empty title="The catalog is empty">Add an item, import a table of them, or <a href="#/domain">begin with a file of your own items</a>.</Empty>;
  }
  const properties = Object.entries(domain.item.properties ?? {});
  const columns = properties.filter(([name, schema]) =>
    !isFlag(schema) && name !== domain.itemId && domain.item.required?.includes(name)).slice(0, kColumns);
  const flags = properties.filter(([, schema]) => isFlag(schema)).map(([name]) => name);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of items">
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col" class="num">Shown</th><th scope="col" class="num">Picked</th>
            {columns.map(([name, schema]) => <th key={name} scope="col" class={isNumber(schema) ? "num" : ""}>{words(name)}</th>)}
            {flags.length > 0 && <th scope="col">Has</th>}
          </tr>
        </thead>
        <tbody>
          {found.map(({ item, shown, picked }) => {
            const id = value(item[domain.itemId]);
            return (
              <tr key={id}>
                <th scope="row"><button type="button" class="link" aria-label={`Edit ${id}`} onClick={() => edit(item)}>{id}</button></th>
                <td class="num">{count(shown)}</td>
                <td class="num">{count(picked)}</td>
                {columns.map(([name, schema]) => (
                  <td key={name} class={isNumber(schema) ? "num" : "cut"} title={isNumber(schema) ? undefined : value(item[name])}>{value(item[name])}</td>
                ))}
                {flags.length > 0 && <td class="quiet-text wrap">{flags.filter((name) => item[name]).map(words).join(", ")}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
