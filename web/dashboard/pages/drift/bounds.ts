// The usual reading of the population stability index.
export const kSome = 0.1;
export const kMuch = 0.25;

export function toneOf(index: number): "bad" | "warn" | "plain" {
  return index >= kMuch ? "bad" : index >= kSome ? "warn" : "plain";
}
