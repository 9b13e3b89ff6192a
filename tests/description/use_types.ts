// A program that works with the types made from the API description of the built-in domain.
import type { components, operations, paths } from "./api";

type Asked = operations["start_inference"]["requestBody"]["content"]["application/json"];
type Answered = operations["start_inference"]["responses"]["200"]["content"]["application/json"];

export function guest(): Asked {
  return {
    name: "Ann", people_num: 1, people_age: [30], children_num: 0, budget: 400, nights: 2, time_arrival: "2026-12-01",
    pool: true, spa: false, pet_friendly: false, lake: true, mountain: false, sport: true, candidates: null,
  };
}

export function ended(answer: Answered): boolean {
  const last: components["schemas"]["TaskStatus"]["status"][] = ["SUCCESS", "FAILURE", "REVOKED"];
  return last.includes(answer.status);
}

export const start: keyof paths = "/inference/start";
