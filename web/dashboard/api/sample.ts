// The beginning of a file, which a domain can be inferred from.
export interface Sample {
  rows: Blob;
  part: boolean;  // more follow that are not in it
}

const kBytes = 16 << 20;  // of a file that is no longer looked at whole
const kTail = 1 << 20;    // where the last line's end is looked for
const kNewLine = 10;

async function beginning(file: File): Promise<Blob> {
  const tail = new Uint8Array(await file.slice(kBytes - kTail, kBytes).arrayBuffer());
  const end = tail.lastIndexOf(kNewLine);
  return file.slice(0, end < 0 ? kBytes : kBytes - kTail + end + 1);
}

export async function sampleOf(file: File): Promise<Sample> {
  const packed = /\.(gz|zst|zstd)$/.test(file.name.toLowerCase());
  const part = !packed && file.size > kBytes;
  return { rows: part ? await beginning(file) : file, part };
}
