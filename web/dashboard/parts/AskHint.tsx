import type { SystemState } from "../api/types";

const kSimulated = "locations";  // the built-in domain, the only one with simulated guests

// How the first requests come: what fits this server, its domain and its catalog.
export function AskHint({ system, items }: { system: SystemState; items: number }) {
  if (items === 0) return <>There is nothing to rank yet: <a href="#/domain">begin with a file of your own items</a>, or <a href="#/catalog">add items</a>.</>;
  if (system.domain !== kSimulated) return <><a href="#/try">Ask yourself</a>, or let your program call <a href="/docs">POST /inference/start</a>.</>;
  if (system.demo) return <a href="#/try">Ask yourself, or let simulated guests come</a>;
  return <><a href="#/try">Ask yourself</a>, or send guests: <code>rankloop simulate traffic --url {location.origin}</code></>;
}
