import { request } from "./client";

const kSilence = 20_000;  // ms; the streams say something at least every few seconds, or a comment

// Server-Sent Events, read with fetch because EventSource cannot send a token. Calls `tell` with the data of every
// event and ends with the stream; throws ApiError when there is none or it falls silent, and AbortError after an abort.
export async function stream<T>(path: string, tell: (data: T) => void, signal: AbortSignal, silence = kSilence): Promise<void> {
  const abort = new AbortController();
  const end = () => abort.abort();
  signal.addEventListener("abort", end);
  let timer = 0;
  const heard = () => {
    window.clearTimeout(timer);
    if (silence > 0) timer = window.setTimeout(end, silence);
  };
  try {
    if (signal.aborted) end();
    const answer = await request(path, { headers: { Accept: "text/event-stream" }, signal: abort.signal });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (heard();;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      waiting += value;
      const events = waiting.split("\n\n");
      waiting = events.pop()!;
      for (const event of events) {
        const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        if (data.length > 0) tell(JSON.parse(data.join("\n")));
      }
    }
  } finally {
    window.clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}
