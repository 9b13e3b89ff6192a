import { useEffect, useRef } from "preact/hooks";
import type { Task } from "../../api/types";

interface Props {
  task: Task;
  act: (path: string) => Promise<void>;
}

// What can be done with a task now: one button through all its states, so that the focus has somewhere to stay. When
// there is nothing left to do, the focus goes to the row's task.
export function TaskAction({ task, act }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const cell = useRef<HTMLSpanElement>(null);
  const had = useRef(false);
  const open = ["scheduled", "ready", "running"].includes(task.state);
  const ended = ["failed", "cancelled", "expired"].includes(task.state);
  useEffect(() => {
    if (!open && !ended && had.current) cell.current?.closest("tr")?.querySelector("a")?.focus();
    had.current = document.activeElement === button.current && button.current !== null;
  });
  const path = open ? `/${task.type === "training" ? "train" : "inference"}/cancel/${task.task_id}` : `/tasks/${task.task_id}/retry`;
  const name = open ? "Cancel" : "Retry";
  return (
    <span ref={cell}>
      {(open || ended) && (
        <button ref={button} type="button" class="quiet small" aria-label={`${name} ${task.task_id}`}
          onFocus={() => { had.current = true; }} onBlur={() => { if (button.current?.isConnected) had.current = false; }} onClick={() => act(path)}>{name}</button>
      )}
    </span>
  );
}
