const SHOWN = 14;

/** A person's id beside a name that could be anybody's. The long ones of guests are told apart by their beginning. */
export function UserId({ id }: { readonly id: string }) {
  return (
    <code class="dim" title={id}>
      {id.length > SHOWN + 4 ? `${id.slice(0, SHOWN)}…` : id}
    </code>
  );
}
