import type { Fields } from "../api/types";
import { value, words } from "../text/format";

// Names and values of an object's fields.
export function Pairs({ fields }: { fields: Fields }) {
  return (
    <dl class="pairs">
      {Object.entries(fields).map(([name, field]) => (
        <div key={name}><dt>{words(name)}</dt><dd>{value(field)}</dd></div>
      ))}
    </dl>
  );
}
