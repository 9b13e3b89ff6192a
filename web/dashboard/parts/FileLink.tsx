import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { request } from "../api/client";

interface Props {
  path: string;
  accept?: string;
  save?: string;  // the name of the file; none: it is shown instead of this page
  class?: string;
  children: ComponentChildren;
}

const kLong = 120_000;

// A link to what the server answers, which works with a token too: links of browsers cannot send one, so it is fetched and
// handed over as a blob.
export function FileLink({ path, accept = "*/*", save, class: more = "", children }: Props) {
  const [fault, setFault] = useState("");
  async function open(event: MouseEvent) {
    event.preventDefault();
    setFault("");
    try {
      const answer = await request(path, { headers: { Accept: accept }, deadline: kLong });
      const type = (answer.headers.get("Content-Type") ?? "").startsWith("application/octet-stream")
        ? "application/octet-stream" : "text/plain;charset=utf-8";
      const address = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type }));
      const link = document.createElement("a");
      link.href = address;
      if (save) link.download = save;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(address), kLong);
    } catch (error) {
      setFault((error as Error).message);
    }
  }
  return (
    <>
      <a href={path} class={more} onClick={open}>{children}</a>
      {fault && <span class="fault" role="alert"> {fault}</span>}
    </>
  );
}
