import { request } from "./client";

// Server-Sent Events, read with fetch because EventSource cannot send a token. Calls `tell` with the data of every
// event and ends with the stream; throws ApiError when there is none and AbortError after an abort.
export async function stream<T>(path: string, tell: (data: T) => void, signal: AbortSignal): Promise<void> {
  const answer = await request(path, { headers: { Accept: "text/event-stream" }, signal });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    waiting += value;
    const events = waiting.split("\n\n");
    waiting = events.pop()!;
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      if (data.length > 0) tell(JSON.parse(data.join("\n")));
    }
  }
}
