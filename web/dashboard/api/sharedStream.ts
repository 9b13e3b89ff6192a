import { get, token } from "./client";
import { stream } from "./stream";

// One stream of the server for all tabs of a browser. A browser opens six connections to a server at most, so a tab that
// kept a stream of its own would take one from all others. The tabs that are seen ask for a lock; who has it reads the
// stream and tells the others, and gives it up when it is hidden or closed. Where the browser has no locks (pages over
// plain HTTP from another machine), each tab asks for the report now and then instead, and holds no connection.
export interface Told<T> {
  value?: T;
  error?: Error;
}

const kAgain = 2000;
const kInstead = 5000;

interface Message<T> {
  value?: T;
  wanted?: boolean;  // a new tab asks for the last value
}

// `path` is the stream, `report` the route that answers the same once. Returns the end.
export function followShared<T>(path: string, report: string, tell: (told: Told<T>) => void): () => void {
  const abort = new AbortController();
  const follow = "locks" in navigator && "BroadcastChannel" in window ? followWithLock<T> : pollInstead<T>;
  void follow(path, report, tell, abort.signal).catch(() => undefined);
  return () => abort.abort();
}

function pause(length: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = window.setTimeout(done, length);
    signal.addEventListener("abort", () => { window.clearTimeout(timer); done(); }, { once: true });
  });
}

async function pollInstead<T>(_: string, report: string, tell: (told: Told<T>) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      tell({ value: await get<T>(report, { signal }) });
    } catch (error) {
      if (!signal.aborted) tell({ error: error as Error });
    }
    await pause(kInstead, signal);
  }
}

async function followWithLock<T>(path: string, _: string, tell: (told: Told<T>) => void, signal: AbortSignal): Promise<void> {
  const name = `rankloop ${path} ${token()}`;  // who has no token hears nothing from those who have one
  const channel = new BroadcastChannel(name);
  let last: T | undefined;
  let leads = false;
  channel.onmessage = ({ data }: MessageEvent<Message<T>>) => {
    if (data.value !== undefined) tell({ value: data.value });
    if (data.wanted && leads && last !== undefined) channel.postMessage({ value: last });
  };
  channel.postMessage({ wanted: true });
  signal.addEventListener("abort", () => channel.close());
  await navigator.locks.request(name, { signal }, async () => {
    leads = true;
    while (!signal.aborted) {
      try {
        await stream<T>(path, (value) => {
          last = value;
          tell({ value });
          if (!signal.aborted) channel.postMessage({ value });
        }, signal);
      } catch (error) {
        if (!signal.aborted) tell({ error: error as Error });
      }
      await pause(kAgain, signal);
    }
  });
}
