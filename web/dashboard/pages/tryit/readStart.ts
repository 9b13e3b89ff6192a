import { get, getPage } from "../../api/client";
import { domain, type Domain } from "../../api/domain";
import type { Fields, FoundItems, SystemState } from "../../api/types";

// What the page begins with: the domain, and what a request could look like here.
export interface Start {
  domain: Domain;
  system: SystemState;
  items: number;
  last?: Fields;  // what was asked last
  item?: Fields;  // one of the catalog
}

async function lastRequest(known: Domain): Promise<Fields | undefined> {
  const { total } = await getPage<Fields>(`${known.userList}?limit=1`);
  return total === 0 ? undefined : (await getPage<Fields>(`${known.userList}?limit=1&offset=${total - 1}`)).rows[0];
}

export async function readStart(): Promise<Start> {
  const known = await domain();
  const [system, found, last] = await Promise.all([
    get<SystemState>("/system"), get<FoundItems>("/items:search?limit=1&sort=shown&order=desc"), lastRequest(known),
  ]);
  return { domain: known, system, items: found.catalog, last, item: found.items[0]?.item };
}
