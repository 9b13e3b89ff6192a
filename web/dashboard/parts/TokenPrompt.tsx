import { useState } from "preact/hooks";
import { keepToken } from "../api/client";
import { useConnection } from "../state/useConnection";

// Asks for the token of a server that needs one. It is kept until the tab is closed.
export function TokenPrompt() {
  const [token, setToken] = useState("");
  if (useConnection() !== "unauthorised") return null;
  function submit(event: Event) {
    event.preventDefault();
    keepToken(token.trim());
    location.reload();
  }
  return (
    <form class="notice" onSubmit={submit}>
      <label>
        This server asks for a token (auth.token)
        <input type="password" autocomplete="current-password" required value={token}
          onInput={(event) => setToken(event.currentTarget.value)} />
      </label>
      <button type="submit">Use it</button>
    </form>
  );
}
