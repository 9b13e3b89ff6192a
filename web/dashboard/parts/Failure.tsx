export function Failure({ error, again }: { error: Error; again?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <p>{error.message}</p>
      {again && <button type="button" onClick={again}>Try again</button>}
    </div>
  );
}
