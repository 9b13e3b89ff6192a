import { useEffect, useState } from "preact/hooks";
import { stream } from "../api/stream";

export interface Streamed<T> {
  value?: T;  // the newest; it stays when the stream breaks
  error?: Error;
}

const kAgain = 2000;

// Follows a stream of the server for as long as the page is there; it is opened again when it breaks.
export function useStream<T>(path: string): Streamed<T> {
  const [state, setState] = useState<Streamed<T>>({});
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    async function follow() {
      try {
        await stream<T>(path, (value) => setState({ value }), abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, error: error as Error }));
      }
      if (!abort.signal.aborted) timer = window.setTimeout(follow, kAgain);
    }
    void follow();
    return () => { abort.abort(); window.clearTimeout(timer); };
  }, [path]);
  return state;
}
