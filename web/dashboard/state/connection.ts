// Whether the server answers, as the last request found. One place tells all parts of the page.
export type Connection = "good" | "lost" | "unauthorised";

let current: Connection = "good";
const listeners = new Set<(state: Connection) => void>();

export function connection(): Connection {
  return current;
}

export function report(state: Connection): void {
  if (state === current) return;
  current = state;
  for (const listener of listeners) listener(state);
}

export function onConnection(listener: (state: Connection) => void): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}
