import { connection, report } from "../state/connection";

// What went wrong with a request. `status` is 0 when no answer came.
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

const kToken = "rankloop.token";

export function keepToken(token: string): void {
  sessionStorage.setItem(kToken, token);
  report("good");
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  const token = sessionStorage.getItem(kToken);
  return { Accept: "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}), ...more };
}

interface FieldFault {
  loc: (string | number)[];
  msg: string;
}

function textOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return "";
  return (detail as FieldFault[]).map((fault) => `${fault.loc.slice(1).join(" ") || "request"}: ${fault.msg}`).join("; ");
}

async function faultOf(answer: Response): Promise<ApiError> {
  const body = await answer.json().catch(() => null);
  return new ApiError(answer.status, textOf(body?.detail) || `The server answered ${answer.status}`);
}

// Throws ApiError for every answer but 2xx.
export async function request(path: string, options: RequestInit & { headers?: Record<string, string> } = {}):
    Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: "no-store", ...options, headers: headers(options.headers) });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    report("lost");
    throw new ApiError(0, "The server does not answer");
  }
  // Health is answered without a token, so it does not say that there is a good one.
  if (answer.status === 401) report("unauthorised");
  else if (connection() !== "unauthorised" || !path.startsWith("/health/")) report("good");
  if (!answer.ok) throw await faultOf(answer);
  return answer;
}

export async function get<T>(path: string): Promise<T> {
  return (await request(path)).json();
}

// The rows, and how many there are in all where the server says so.
export async function getPage<T>(path: string): Promise<{ rows: T[]; total: number }> {
  const answer = await request(path);
  const rows: T[] = await answer.json();
  return { rows, total: Number(answer.headers.get("X-Total-Count") ?? rows.length) };
}

export async function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  const answer = await request(path, body === undefined ? { method } : {
    method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  });
  return answer.status === 204 ? (undefined as T) : answer.json();
}
