import { get } from "../../api/client";
import { domain } from "../../api/domain";
import type { Model, ModelDetail, ModelEvent, SystemState } from "../../api/types";

// What the loop has done so far, from the ledger and the registry.
export interface LoopState {
  system: SystemState;
  models: Model[];
  champion?: ModelDetail;
  history: ModelEvent[];  // newest first
  training: boolean;      // one waits or runs
  items: number;          // in the catalog
}

export async function readLoop(): Promise<LoopState> {
  const { itemPath } = await domain();
  const [system, models, history, info] = await Promise.all([
    get<SystemState>("/system"), get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=50"),
    get<Record<string, number>>("/content/info"),
  ]);
  const current = models.find((model) => model.champion);
  const champion = current && await get<ModelDetail>(`/models/${current.model_id}`);
  const open = system.tasks.training;
  return {
    system, models, champion, history, training: Boolean(open.scheduled || open.ready || open.running),
    items: info[itemPath.split("/").pop()!] ?? 0,
  };
}
