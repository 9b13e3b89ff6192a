// What the API answers, as /openapi.json describes it.
export type TaskState = "scheduled" | "ready" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
export type TaskKind = "inference" | "training";

export interface TaskStatus {
  task_id: string;
  status: string;
  type: TaskKind;
}

export interface Task extends TaskStatus {
  state: TaskState;
  attempt: number;
  created: string;
  run_at: string | null;
  started: string | null;
  finished: string | null;
  error: string | null;
  trace_id?: string;
}

export interface LossPoint {
  epoch: number;
  loss: number;
  validation_loss: number | null;
}

export interface Training extends TaskStatus {
  state: TaskState;
  attempt: number;
  progress: number;
  phase?: string;
  epoch?: number;
  epochs?: number;
  loss?: number;
  validation_loss?: number;
  curve?: LossPoint[];
  model_id: number | null;
  verdict: Verdict | null;
  gate: Gate | null;  // of a dry run; a model that was kept has its own
  error: string | null;
}

export type Verdict = "promote" | "reject" | "insufficient_evidence";

export interface Counts {
  shown: number;
  picked: number;
  none: number;
  value: number;
  pick_rate: number | null;
  pick_rate_ci: [number, number] | null;
}

export type Figures = Record<string, number | null>;

export interface Model {
  model_id: number;
  family: string;
  champion: boolean;
  share: number;
  shadow: boolean;
  created: string;
  verdict: Verdict | null;
  metrics: Record<string, Figures> | null;
  counts: Counts;
}

export interface Guardrail {
  name: string;
  value: number | null;
  at_most?: number;
  at_least?: number;
  state: "passed" | "failed" | "not_evaluated";
}

export interface Gate {
  verdict: Verdict;
  metric: string;
  margin: number;
  confidence: number;
  delta: number | null;
  ci: [number | null, number | null];
  champion: number | null;
  challenger: number | null;
  n_requests: number;
  n_people: number;
  left_out: number;
  guardrails: Guardrail[];
  reasons: string[];
  looks: number;
  logged_by: { model: string; requests: number }[];
  basis?: "randomised" | "corrected" | "uncorrected" | "given";  // which lists were judged
  randomised?: { requests: number; delta: number; ci: [number, number] } | null;  // that part alone
  randomised_share?: number;
  own_top_shown?: number | null;  // share of the challenger's own best that the lists had
}

export interface Lineage {
  source?: string;
  first?: number;
  last?: number;
  trained_until?: number;
  requests?: number;
  none_chosen?: number;
  without_outcome?: number;
  unreadable?: number;
  rows?: number;
  train_requests?: number;
  validation_requests?: number;
  test_requests?: number;
  hash?: string;
  cause?: string;
  seconds?: number;
  curve?: LossPoint[];
}

export interface ModelDetail extends Model {
  domain_version: number;
  artefact: string;
  features: string;
  lineage: Lineage | null;
  gate: Gate | null;
}

export interface ModelEvent {
  id: number;
  at: string;
  what: string;
  model_id: number;
  actor: string;          // who signed: a role, or a part of the program
  remark: string | null;  // whom the request named by itself
  reason: string;
  detail: (Partial<Gate> & { share?: number; shadow?: boolean }) | null;
}

export interface Explanation {
  task_id: string;
  model_id: number | null;
  family: string;
  position: number;
  score: number;
  probability: number;
  base: number;
  contributions: { feature: string; value: number | null; contribution: number }[];
}

// The request's features say who asks, the item's what was shown.
export type Side = "request" | "item";

export interface FeatureDrift {
  feature: string;
  side: Side;
  edges: number[];
  shares: number[];
  recent: number[];
  stability_index: number;
}

export interface Drift {
  model_id: number | null;
  requests: number;
  rows: number;
  telling_requests: number;  // with fewer it is mostly chance
  features: FeatureDrift[];
}

export interface Version {
  name: string;
  version: string;
  revision: string;
  store: string;
  queue: string;
  domain: string;
}

export interface ResultRow {
  result_id: number;
  task_id: string;
  score: number;
  label: 0 | 1;
  shown: boolean;
  position?: number;
  shown_at?: string;
  [id: string]: unknown;
}

export type Fields = Record<string, unknown>;

// Requests that were shown, by outcome; model_id null is the random order before the first model.
export interface Outcomes {
  model_id: number | null;
  shown: number;
  picked: number;
  none: number;
  value: number;
  pick_rate: number | null;
  pick_rate_ci: [number, number] | null;
  mean_value: number | null;
  mean_value_ci: [number, number] | null;
}

export interface PositionRate {
  position: number;
  shown: number;
  picked: number;
  pick_rate: number | null;
  pick_rate_ci: [number, number] | null;
}

// How likely a position is examined, relative to the first, as lists in a random order tell.
export interface Examination {
  requests: number;
  picks: number;
  positions: { position: number; examination: number; ci: [number, number] | null }[];
}

export interface Performance {
  requests: number;
  from: string | null;
  until: string | null;
  period_seconds: number;
  models: Outcomes[];
  periods: { from: string; models: Outcomes[] }[];
  positions: PositionRate[];
  examination?: Examination | null;  // null: no list was in a random order
}

export interface FoundItems {
  items: { item: Fields; shown: number; picked: number }[];
  total: number;      // found so far
  complete: boolean;  // every item was looked at
  looked_at: number;
  catalog: number;
  unseen: number;     // that none of the newest lists showed
  lists: number;
}

export interface Reordering {
  task_id: string;
  model_id: number;
  family: string;
  items: (Record<string, number> & { score: number; before: number })[];
}

export interface Importance {
  model_id: number;
  rows: number;
  features: { feature: string; importance: number }[];
}

export type Health = "well" | "still" | "attention" | "broken";

export interface LoopArrow {
  from: string;
  to: string;
  per_second: number;
  lag_seconds: number | null;
  lag_p95_seconds: number | null;
  lag_of: string;
  health: Health;
  says: string;
}

// Requests with an outcome, and about how many it takes until a training may begin and until the gate can judge.
export interface Needs {
  outcomes: number;
  outcomes_at_least: boolean;  // counting stopped there
  training: number;
  gate: number;
}

export interface LoopReport {
  at: string;
  window_seconds: number;
  waiting: number;
  lists: { shown: number; picked: number; none: number };  // of the whole ledger, whatever ordered them
  new_outcomes: number;  // that no training has seen
  needs?: Needs;
  arrows: LoopArrow[];  // seven, in the loop's order
}

export interface DriftWindow {
  from: string;
  until: string;
  requests: number;
}

export interface FeatureHistory {
  feature: string;
  side: Side;
  edges: number[];
  shares: number[];
  stability_indexes: number[];  // one a window
  window_shares: number[][];
}

export interface DriftHistory {
  model_id: number | null;
  windows: DriftWindow[];
  features: FeatureHistory[];
}

export interface OpenTasks {
  scheduled?: number;
  ready?: number;
  running?: number;
  oldest_waiting_seconds: number;
}

export interface SystemState {
  version: string;
  revision: string;
  domain: string;
  demo: boolean;
  workers: number;
  at: string;
  uptime_seconds: number;
  process: Record<"resident_bytes" | "virtual_bytes" | "cpu_seconds" | "threads" | "open_files" | "most_files", number>;
  store: {
    kind: string; fault: string | null; bytes: number | null; waiting_writes: number; requests: number; users: number; catalog_version: number;
  };
  queue: { kind: string; fault: string | null; announced: number; dropped: number; dead_letters: number; connections: number };
  tasks: Record<TaskKind, OpenTasks>;
}

export interface Setting {
  key: string;
  value: string;
  default: string;
  from: string;
  secret: boolean;
  help: string;
}

export interface Guests {
  available: boolean;
  reason: string | null;
  running: boolean;
  rate: number;
  journeys: number;
  picked: number;
  none: number;
  failed: number;
  fault: string | null;
}
