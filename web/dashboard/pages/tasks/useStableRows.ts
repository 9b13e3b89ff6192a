import { useEffect, useState } from "preact/hooks";
import type { Task } from "../../api/types";

interface StableRows {
  rows: Task[];
  newer: number;  // that wait to be shown
  show: () => void;
  hold: () => void;     // somebody is in the table: rows keep their places
  release: (event: FocusEvent | PointerEvent) => void;
}

// Rows that do not move under the eyes: their states go on in place, new rows wait until they are asked for. Who follows
// gets them at once, unless the pointer or the focus is in the table. `question` says when they are the rows of another one.
export function useStableRows(newest: Task[] | undefined, question: string, follows: boolean): StableRows {
  const [rows, setRows] = useState<Task[]>([]);
  const [inside, setInside] = useState(false);
  const held = inside || !follows;
  useEffect(() => setRows([]), [question]);
  useEffect(() => {
    if (!newest) return;
    setRows((shown) => {
      if (!held || shown.length === 0) return newest;
      const now = new Map(newest.map((task) => [task.task_id, task]));
      return shown.map((task) => now.get(task.task_id) ?? task);
    });
  }, [newest, held]);
  const known = new Set(rows.map((task) => task.task_id));
  return {
    rows,
    newer: held && newest ? newest.filter((task) => !known.has(task.task_id)).length : 0,
    show: () => setRows(newest ?? []),
    hold: () => setInside(true),
    release: ({ type, currentTarget, relatedTarget }) => {
      const place = currentTarget as HTMLElement;
      const stays = type === "focusout" ? place.contains(relatedTarget as Node | null) || place.matches(":hover") : place.contains(document.activeElement);
      if (!stays) setInside(false);
    },
  };
}
