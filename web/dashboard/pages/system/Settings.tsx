import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Setting } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { plural } from "../../text/format";

function SettingRow({ setting }: { setting: Setting }) {
  const changed = setting.from !== "default";
  return (
    <tr>
      <th scope="row"><code>{setting.key}</code></th>
      <td>
        {setting.value === "" ? <span class="quiet-text">empty</span> : <code>{setting.value}</code>}
        {changed && setting.value !== setting.default && <small class="under">default: {setting.default === "" ? "empty" : setting.default}</small>}
      </td>
      <td>{changed ? <Badge tone="live">{setting.from}</Badge> : <span class="quiet-text">default</span>}</td>
      <td class="quiet-text">{setting.help}</td>
    </tr>
  );
}

// The settings as they are in effect; those that somebody chose first, and the rest when they are asked for.
export function Settings() {
  const settings = usePoll(() => get<Setting[]>("/settings"), []);
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  return (
    <Loaded of={settings} room={22}>
      {(value) => {
        const chosen = value.filter((setting) => setting.from !== "default");
        const wanted = search.trim().toLowerCase();
        const shown = wanted ? value.filter((setting) => `${setting.key} ${setting.help}`.toLowerCase().includes(wanted)) : all ? value : chosen;
        return (
          <Card title="Settings" note={`${chosen.length} of ${plural(value.length, "setting")} were given, the others have their defaults; secrets are never shown`}>
            <div class="row search">
              <label for="setting">Search</label>
              <input id="setting" type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
            </div>
            <label class="row unseen">
              <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
              All settings, not only those that were given
            </label>
            {shown.length === 0
              ? <Empty title={wanted ? "No setting is like that" : "Everything is at its default"}>{wanted ? "Search for another word." : <>See <code>rankloop config</code> for what can be set.</>}</Empty>
              : (
                <div class="scroll" tabIndex={0} role="region" aria-label="Table of settings">
                  <table class="settings">
                    <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">From</th><th scope="col">For</th></tr></thead>
                    <tbody>{shown.map((setting) => <SettingRow key={setting.key} setting={setting} />)}</tbody>
                  </table>
                </div>
              )}
          </Card>
        );
      }}
    </Loaded>
  );
}
