/** A die seen from its corner, lit from above: the product's sign. */
export function Mark() {
  return (
    <svg class="mark-sign" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-top" d="M16 2l12.500 7-12.500 7L3.500 9z" />
      <path class="mark-left" d="M3.500 9L16 16v14L3.500 23z" />
      <path class="mark-right" d="M28.500 9L16 16v14l12.500-7z" />
    </svg>
  );
}
