import { get } from "../../api/client";
import type { History } from "../../api/types";
import { Failure } from "../../parts/Failure";
import { HistoryTable } from "../../parts/HistoryTable";
import { usePoll } from "../../state/usePoll";
import { words } from "../../text/format";

// What happened before with an item. Nothing where the domain has no histories of items.
export function ItemHistories({ path }: { path: string }) {
  const histories = usePoll(() => get<History[]>(`${path}/histories`), [path]);
  if (histories.error) return <Failure error={histories.error} again={histories.again} />;
  if (!histories.value || histories.value.length === 0) return null;
  const own = histories.value.filter((history) => history.own);
  const shared = histories.value.filter((history) => !history.own);
  return (
    <section class="happened">
      <h3>What happened before</h3>
      {shared.length > 0 && <HistoryTable histories={shared} />}
      {own.length > 0 && (
        <p class="note">
          Each person has {own.length === 1 ? "a value" : "values"} of their own of {own.map(({ name }) => words(name)).join(", ")}; the
          explanation of a ranking on the page <a href="#/inspect">Inspect</a> tells them.
        </p>
      )}
    </section>
  );
}
