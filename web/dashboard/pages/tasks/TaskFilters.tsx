export interface Filter {
  kind: string;
  state: string;
}

const kKinds = ["inference", "training"];
const kStates = ["scheduled", "ready", "running", "succeeded", "failed", "cancelled", "expired"];

export function TaskFilters({ filter, change }: { filter: Filter; change: (filter: Filter) => void }) {
  const select = (name: keyof Filter, options: string[]) => (
    <label>
      <span>{name}</span>
      <select value={filter[name]} onChange={(event) => change({ ...filter, [name]: event.currentTarget.value })}>
        <option value="">all</option>
        {options.map((option) => <option key={option}>{option}</option>)}
      </select>
    </label>
  );
  return <div class="row filters">{select("kind", kKinds)}{select("state", kStates)}</div>;
}
