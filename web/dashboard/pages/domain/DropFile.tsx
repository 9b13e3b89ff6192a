import { useState } from "preact/hooks";
import { kItemFiles } from "../../api/tables";

// Where a file is dropped, or chosen by keyboard and finger.
export function DropFile({ take, busy }: { take: (file: File) => void; busy: boolean }) {
  const [over, setOver] = useState(false);
  function dropped(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file && !busy) take(file);
  }
  function chosen(input: HTMLInputElement) {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = "";
  }
  return (
    <div class={over ? "drop over" : "drop"} onDrop={dropped}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}>
      <p><b>Drop a file of your items here</b></p>
      <p class="note">CSV, TSV or JSON lines, also packed by gzip or zstd; one item a line, the columns named above.</p>
      <label class="button file">
        Choose a file
        <input type="file" accept={kItemFiles} disabled={busy} onChange={(event) => chosen(event.currentTarget)} />
      </label>
    </div>
  );
}
