import { useState } from 'preact/hooks';

/** Asks for a token. */
export function TokenForm({
  wasRefused,
  onToken,
}: {
  readonly wasRefused: boolean;
  readonly onToken: (token: string) => void;
}) {
  const [token, setToken] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (token.trim() !== '') onToken(token.trim());
  };
  return (
    <form class="token" onSubmit={submit} aria-labelledby="token-title">
      <h2 id="token-title">A token is needed to read</h2>
      <p id="token-help">It is kept in this tab only, until the tab is closed.</p>
      {wasRefused && (
        <p id="token-error" role="alert" class="token-error">
          This token was refused.
        </p>
      )}
      <label for="token">Token</label>
      <div class="token-row">
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={token}
          aria-describedby={wasRefused ? 'token-help token-error' : 'token-help'}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit" class="primary">
          Connect
        </button>
      </div>
    </form>
  );
}
