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
const kStreamed = 5000;  // ms: then it is asked now and then, so that no tab keeps one of the browser's connections
const kEvery = 2000;
const kEnded = ["SUCCESS", "FAILURE", "REVOKED"];

function pause(length: number): Promise<void> {
  return new Promise((done) => { window.setTimeout(done, length); });
}

// Watches a task, first over its stream, and then asks for the results, which marks them as shown.
export function useAnswer(task: string | undefined): AnswerState {
  const [state, setState] = useState<AnswerState>({ statuses: [] });
  useEffect(() => {
    if (!task) return;
    const abort = new AbortController();
    const began = performance.now();
    let last = "";
    function note({ status }: TaskStatus) {
      if (status === last || abort.signal.aborted) return;
      last = status;
      setState((before) => ({ ...before, statuses: [...before.statuses, status] }));
    }
    async function watch() {
      const long = new AbortController();
      const stop = () => long.abort();
      abort.signal.addEventListener("abort", stop);
      const timer = window.setTimeout(stop, kStreamed);
      await stream<TaskStatus>(`/inference/events/${task}`, note, long.signal).catch((error) => {
        if (!long.signal.aborted) throw error;
      });
      window.clearTimeout(timer);
      while (!kEnded.includes(last) && !abort.signal.aborted) {
        await pause(kEvery);
        if (!document.hidden && !abort.signal.aborted) note(await get<TaskStatus>(`/inference/status/${task}`));
      }
    }
    async function follow() {
      try {
        await watch();
        if (abort.signal.aborted) return;
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
