import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import { stream } from "../../api/stream";
import type { Fields, TaskStatus } from "../../api/types";

export interface AnswerState {
  statuses: string[];  // as they came
  took?: number;       // ms from asking to the results, as seen here
  results?: Fields[];
  error?: Error;
}

const kShown = 10;

// Watches a task over its stream and then asks for the results, which marks them as shown.
export function useAnswer(task: string | undefined): AnswerState {
  const [state, setState] = useState<AnswerState>({ statuses: [] });
  useEffect(() => {
    if (!task) return;
    const abort = new AbortController();
    const began = performance.now();
    async function follow() {
      try {
        await stream<TaskStatus>(`/inference/events/${task}`, ({ status }) =>
          setState((before) => ({ ...before, statuses: [...before.statuses, status] })), abort.signal);
        const results = await get<Fields[]>(`/inference/results/${task}?limit=${kShown}`);
        setState((before) => ({ ...before, results, took: performance.now() - began }));
      } catch (error) {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: error as Error }));
      }
    }
    void follow();
    return () => abort.abort();
  }, [task]);
  return state;
}
