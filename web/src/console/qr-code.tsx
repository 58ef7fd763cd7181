import { encode } from "uqr";

export interface QrCodeProps {
  readonly text: string;
  readonly name: string;
}

/** Dark on light in both themes, with its quiet border: what phones read best. */
export function QrCode({ text, name }: QrCodeProps) {
  const { data, size } = encode(text, { border: 3 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg class="qr" role="img" aria-label={name} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <path class="qr-light" d={`M0 0h${size}v${size}h-${size}z`} />
      <path class="qr-dark" d={squares.join("")} />
    </svg>
  );
}
