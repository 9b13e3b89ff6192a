import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Setting } from "../../api/types";

// The trace of a task: its number, linked where the settings say which page shows traces.
export function TraceLink({ id }: { id: string }) {
  const [page, setPage] = useState("");
  useEffect(() => {
    get<Setting[]>("/settings").then((settings) => setPage(settings.find((one) => one.key === "tracing.page")?.value ?? ""), () => {});
  }, []);
  return (
    <p>Trace {page === "" ? <span class="id">{id}</span> : <a class="id" href={page.replaceAll("{trace_id}", id)} rel="noreferrer">{id}</a>}</p>
  );
}
