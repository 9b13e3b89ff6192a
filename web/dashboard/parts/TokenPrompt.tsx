import { useState } from "preact/hooks";
import { keepToken, refusalOf } from "../api/client";
import { useConnection } from "../state/useConnection";

// Asks for the token of a server that needs one and tries it. It is kept until the tab is closed.
export function TokenPrompt() {
  const [token, setToken] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  if (useConnection() !== "unauthorised") return null;
  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      const given = token.trim();
      const refusal = await refusalOf(given);
      if (refusal === "") keepToken(given); else setFault(refusal);
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }
  return (
    <form class="notice token" onSubmit={submit}>
      <label>
        This server asks for a token (auth.token)
        <input type="password" autocomplete="current-password" required value={token} aria-invalid={fault ? true : undefined}
          aria-describedby="token-fault" onInput={(event) => setToken(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={busy}>Use it</button>
      <p id="token-fault" class="fault" role="alert">{fault}</p>
    </form>
  );
}
