// The range that holds every band, a little wider, within 0 and 1.
export function scaleOf(bands: ([number, number] | null)[]): [number, number] {
  const ends = bands.flatMap((band) => band ?? []);
  const [low, high] = [Math.min(...ends, 1), Math.max(...ends, 0)];
  const room = Math.max((high - low) * 0.1, 0.005);
  return [Math.max(0, low - room), Math.min(1, high + room)];
}
