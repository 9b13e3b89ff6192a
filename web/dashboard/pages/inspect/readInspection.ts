import { get, getPage } from "../../api/client";
import { domain, type Domain } from "../../api/domain";
import type { Fields, ItemId, ResultRow, Task } from "../../api/types";

export interface Ranked {
  row: ResultRow;
  item: ItemId;
  fields: Fields;  // as they were when they were ranked
}

export interface InspectionData {
  domain: Domain;
  ranking: Ranked[];  // the best, best first
  total: number;
  request?: Fields;
}

const kRows = 50;

// The request and the ranking of a succeeded inference.
export async function readInspection(task: Task): Promise<InspectionData> {
  const known = await domain();
  if (task.state !== "succeeded") return { domain: known, ranking: [], total: 0 };
  const [results, items] = await Promise.all([
    getPage<ResultRow>(`/content/results?task_id=${task.task_id}&limit=${kRows}`),
    get<Fields[]>(`/inference/results/${task.task_id}?peek=true&limit=${kRows}`),
  ]);
  const ranking = results.rows.map((row, index) => ({ row, item: row[known.itemId] as ItemId, fields: items[index] ?? {} }));
  const user = results.rows[0]?.[known.userId];
  const request = user === undefined ? undefined : await get<Fields>(`${known.userPath}/${user}`);
  return { domain: known, ranking, total: results.total, request };
}
