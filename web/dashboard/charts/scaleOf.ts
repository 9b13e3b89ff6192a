const kRoom = 0.1;     // of the range, on each side
const kLeast = 0.005;  // of shares; of a range without a length one

// The range that holds every band, a little wider; of shares within 0 and 1.
export function scaleOf(bands: ([number, number] | null)[], shares = true): [number, number] {
  const ends = bands.flatMap((band) => band ?? []);
  if (ends.length === 0) return [0, 1];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (!shares) {
    const room = (high - low) * kRoom || 1;
    return [low - room, high + room];
  }
  const room = Math.max((high - low) * kRoom, kLeast);
  return [Math.max(0, low - room), Math.min(1, high + room)];
}
