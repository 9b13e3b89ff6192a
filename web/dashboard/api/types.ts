// Names for what the API answers. The members come from ./openapi, which is made from /openapi.json; what stands here
// with members of its own is what the description leaves open.
import type { components } from "./openapi";

type Answers = components["schemas"];
// An answer of which the description leaves some members open.
type With<Answer, Members> = Omit<Answer, keyof Members> & Members;

// An item's id: a whole number or a text, as the domain says.
export type ItemId = number | string;

export type TaskStatus = Answers["TaskStatus"];
export type LeftOut = NonNullable<TaskStatus["left_out"]>[number];
export type Task = Answers["get_task"];
export type TaskState = Task["state"];
export type TaskKind = Task["type"];

export interface LossPoint {
  epoch: number;
  loss: number;
  validation_loss: number | null;
}

export type Training = With<Answers["training_status"], {
  state: TaskState;
  curve?: LossPoint[];
  gate: Gate | null;  // of a dry run; a model that was kept has its own
}>;
export type Verdict = NonNullable<Training["verdict"]>;

export interface EvaluationResult {
  target: { model_id: number | null; family: string; explore: number };
  requests: {
    read: number;
    used: number;
    earliest: string | null;
    latest: string | null;
    left_out: { reason: string; requests: number; because: string }[];
  };
  logs: { randomised_share: number; older_catalog: number; eligible_items: number };
  clip: number;
  confidence: number;
  report: {
    lists: number;
    items: number;
    people: number;
    logged: { value: number; interval: [number, number] };
    estimates: { estimator: string; value: number; interval: [number, number] }[];
    weights: { effective: number; largest: number; mean: number; clipped_share: number };
    refusals: string[];
    warnings: string[];
  };
  next_steps: string[];
}
export interface EvaluationRequest {
  model_id?: number;
  policy?: string;
  explore?: number;
  explore_by?: string;
}
export type EvaluationBrief = With<Answers["list_evaluations"][number], { state: TaskState; request: EvaluationRequest }>;
export type Evaluation = With<Answers["get_evaluation"], {
  state: TaskState;
  request: EvaluationRequest;
  evaluation: EvaluationResult | null;
}>;

export interface Counts {
  shown: number;
  picked: number;
  none: number;
  value: number;
  pick_rate: number | null;
  pick_rate_ci: [number, number] | null;
}

export type Figure = "ndcg@10" | "mrr" | "auc" | "logloss" | "calibration_error" | "acc" | "pre" | "rec" | "f1";

// Rows of much the same probability, and what became of them.
export interface CalibrationBin {
  predicted: number;
  observed: number;
  ci: [number, number];
  rows: number;
}

// Models that were kept before there were curves have none.
export type Figures = Partial<Record<Figure, number | null>> & { calibration_curve?: CalibrationBin[] | null };

export type Model = With<Answers["list_models"][number], {
  metrics: Record<string, Figures> | null;
  counts: Counts;
  lineage?: Lineage | null;
  gate?: Gate | null;
}>;

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
  basis?: "randomised" | "corrected" | "uncorrected" | "given" | "off_policy";  // which lists were judged
  randomised?: { requests: number; delta: number; ci: [number, number] } | null;  // that part alone
  randomised_share?: number;
  own_top_shown?: number | null;  // share of the challenger's own best that the lists had
  power?: { detectable: number; effect: number; requests: number; randomised_share: number | null } | null;
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
  position_evidence?: "nothing" | "random_orders" | "swaps";  // models that were kept earlier do not say it
  cause?: string;
  seconds?: number;
  curve?: LossPoint[];
}

export type ModelDetail = With<Model, {
  domain_version: number;
  artefact: string;
  features: string;
  lineage: Lineage | null;
  gate: Gate | null;
}>;

export type ModelEvent = With<Answers["model_history"][number], {
  detail: (Partial<Gate> & { share?: number; shadow?: boolean }) | null;
}>;

export type Experiment = Answers["list_experiments"][number];
export type ExperimentReport = Answers["experiment_report"];
export type ExperimentSegments = Answers["experiment_segments"];
export type ExperimentSize = Answers["experiment_size"];
export type ExperimentMetric = Answers["experiment_metrics"][number];
export type ExperimentEvent = With<Answers["experiment_history"][number], {
  detail: { exposure?: number; conclusion?: string } | null;
}>;

export type Explanation = Answers["explain_result"];
export type FeatureValue = Explanation["contributions"][number]["value"];
export type Drift = Answers["drift"];
export type FeatureDrift = Drift["features"][number];
// The request's features say who asks, the item's what was shown.
export type Side = FeatureDrift["side"];
export type DriftHistory = Answers["drift_history"];
export type DriftWindow = DriftHistory["windows"][number];
export type FeatureHistory = DriftHistory["features"][number];
export type Version = Answers["version"];
export type FoundItems = Answers["search_items"];
export type Importance = Answers["model_importance"];
export type LoopReport = Answers["loop"];
export type LoopArrow = LoopReport["arrows"][number];
export type Health = LoopArrow["health"];
// Requests with an outcome, and about how many it takes until a training may begin and until the gate can judge.
export type Needs = LoopReport["needs"];
export type Setting = Answers["settings"][number];
export type Guests = Answers["simulated_guests"];
export type DomainFile = Answers["get_domain"];
export type DomainDiff = Answers["diff_domain"];
export type Inferred = Answers["infer_domain"];
export type InferredColumn = Inferred["columns"][number];
export type HistoryMeaning = Answers["list_histories"][number];
// What happened before, and what that says at one moment.
export type History = Answers["item_histories"][number];
export type Person = With<Answers["show_person"], { fields: Fields }>;
export type PersonRequest = Answers["person_requests"][number];
export type Erasure = Answers["get_erasure"];
export type ImportReport = Answers["import_items"];

// Rows and items have fields of the domain, which this page learns from the description.
export type Fields = Record<string, unknown>;

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

// Requests that were shown, by outcome; model_id null is the random order before the first model.
export interface Outcomes extends Counts {
  model_id: number | null;
  mean_value: number | null;
  mean_value_ci: [number, number] | null;
}

// How likely a position is examined, relative to the first, as lists in a random order tell; or what it draws, as
// swaps between models do.
export interface Examination {
  kind: string;  // of feedback, or what else is learned of it
  evidence: "random_orders" | "swaps";
  requests: number;
  picks: number;
  positions: { position: number; examination: number; ci: [number, number] | null }[];
}

export type PositionModel = NonNullable<Answers["performance"]["position_model"]>;

// What lists, or the shows of a position, came to by what was asked about.
export type OutcomesOfModel = Answers["performance"]["outcomes"]["models"][number];
export type OutcomeCounts = Omit<OutcomesOfModel, "model_id">;

export type Performance = With<Answers["performance"], {
  models: Outcomes[];
  examination: Examination | null;  // null: nothing tells
  position_model: PositionModel | null;
}>;

export type Reordering = With<Answers["reorder_results"], {
  items: (Record<string, ItemId> & { score: number; before: number })[];
}>;

export type Replay = With<Answers["replay_inference"], {
  items: (Record<string, ItemId> & { score: number; propensity: number; before: number | null })[];
}>;

export interface OpenTasks {
  scheduled?: number;
  ready?: number;
  running?: number;
  oldest_waiting_seconds: number;
}

export type SystemState = With<Answers["system_state"], { tasks: Record<TaskKind, OpenTasks> }>;
