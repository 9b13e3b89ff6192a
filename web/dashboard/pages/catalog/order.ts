import type { Fields } from "../../api/types";
import type { Seen } from "./ItemTable";

export const kOrders = ["id", "most shown", "most picked", "least shown"] as const;
export type Order = typeof kOrders[number];

// The items in an order; those that are alike stay in the order of their ids.
export function sorted(items: Fields[], order: Order, itemId: string, seen: Seen): Fields[] {
  if (order === "id") return items;
  const of = (item: Fields) => seen.get(item[itemId] as number) ?? { shown: 0, picked: 0 };
  const rank = (item: Fields) => order === "most picked" ? -of(item).picked : order === "most shown" ? -of(item).shown : of(item).shown;
  return [...items].sort((a, b) => rank(a) - rank(b));
}
