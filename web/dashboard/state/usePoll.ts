import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Polled<T> {
  value?: T;
  error?: Error;
  again: () => void;
}

// Asks now and every `every` ms while the page is visible. The last good value stays when a later look fails.
// `keys` say when the question is another one. Without `every` it asks once.
export function usePoll<T>(ask: () => Promise<T>, keys: unknown[], every?: number): Polled<T> {
  const [state, setState] = useState<{ value?: T; error?: Error }>({});
  const [turn, setTurn] = useState(0);
  const newest = useRef(ask);
  newest.current = ask;

  useEffect(() => setState({}), keys);
  useEffect(() => {
    let ended = false;
    let timer = 0;
    async function look() {
      if (!document.hidden) {
        try {
          const value = await newest.current();
          if (ended) return;
          setState({ value });
        } catch (error) {
          if (ended) return;
          setState((before) => ({ value: before.value, error: error as Error }));
        }
      }
      if (every) timer = window.setTimeout(look, every);
    }
    void look();
    return () => { ended = true; window.clearTimeout(timer); };
  }, [...keys, turn, every]);

  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, again };
}
