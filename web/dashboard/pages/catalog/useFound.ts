import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import { domain, type Domain } from "../../api/domain";
import type { FoundItems } from "../../api/types";
import { usePoll, type Polled } from "../../state/usePoll";

export interface Wanted {
  q: string;
  sort: string;
  order: string;
  unseen: boolean;
  page: number;
}

export interface Found extends FoundItems {
  domain: Domain;
  fault: string;  // why the search is not understood; the rows are then those of an empty search
}

export const kRows = 25;
const kTyped = 250;    // ms that somebody who types is waited for
const kOn = 500;       // ms to the next look when the server has not seen the whole catalog
const kMostLooks = 120;

function path(wanted: Wanted): string {
  const query = new URLSearchParams({ limit: String(kRows), offset: String(kRows * wanted.page), sort: wanted.sort, order: wanted.order });
  if (wanted.q) query.set("q", wanted.q);
  if (wanted.unseen) query.set("unseen", "true");
  return `/items:search?${query}`;
}

async function read(wanted: Wanted): Promise<Found> {
  const known = await domain();
  try {
    return { domain: known, fault: "", ...await get<FoundItems>(path(wanted)) };
  } catch (error) {
    const { status, message } = error as { status?: number; message: string };
    if (status !== 422 || wanted.q === "") throw error;
    const none = await get<FoundItems>(path({ ...wanted, q: "", page: 0 }));
    return { domain: known, fault: message.replace(/^q: /, ""), ...none, items: [], total: 0 };
  }
}

// The page of items that the server finds. A new search waits for the typing to end and leaves the rows that are there
// until its own have come; a search that the server has not ended is asked on.
export function useFound(wanted: Wanted): Polled<Found> {
  const [asked, setAsked] = useState(wanted);
  const key = JSON.stringify(wanted);
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(wanted), wanted.q === asked.q ? 0 : kTyped);
    return () => window.clearTimeout(timer);
  }, [key]);
  const found = usePoll(() => read(asked), [JSON.stringify(asked)]);
  const [last, setLast] = useState<Found>();
  useEffect(() => { if (found.value) setLast(found.value); }, [found.value]);
  const [looks, setLooks] = useState(0);
  useEffect(() => setLooks(0), [JSON.stringify(asked)]);
  useEffect(() => {
    if (!found.value || found.value.complete || looks >= kMostLooks) return;
    const timer = window.setTimeout(() => { setLooks(looks + 1); found.again(); }, kOn);
    return () => window.clearTimeout(timer);
  }, [found.value]);
  return { ...found, value: found.value ?? (found.error ? undefined : last) };
}
