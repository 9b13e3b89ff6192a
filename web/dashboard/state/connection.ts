// Whether the server answers, as the last request found, and when it last did. One place tells all parts of the page.
export type Connection = "good" | "lost" | "unauthorised";

let current: Connection = "good";
let heard = Date.now();
const listeners = new Set<(state: Connection, before: Connection) => void>();

export function connection(): Connection {
  return current;
}

// When the server answered last, in ms since 1970.
export function lastHeard(): number {
  return heard;
}

export function report(state: Connection): void {
  if (state === "good") heard = Date.now();
  if (state === current) return;
  const before = current;
  current = state;
  for (const listener of [...listeners]) listener(state, before);
}

export function onConnection(listener: (state: Connection, before: Connection) => void): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}
