import { signal } from "@preact/signals";
import { Icon } from "../widgets/icon.tsx";

type Theme = "dark" | "light";

const KEY = "campaign-live.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
/** what the reader chose, else what their system says */
const theme = signal<Theme>(chosen() ?? (dark.matches ? "dark" : "light"));

show();
dark.addEventListener("change", () => {
  if (chosen() === undefined) theme.value = dark.matches ? "dark" : "light";
  show();
});

export function ThemeSwitch() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <button type="button" class="plain square" aria-label={`Use the ${other} colours`} onClick={() => choose(other)}>
      <Icon name={theme.value === "dark" ? "sun" : "moon"} />
    </button>
  );
}

function choose(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // a browser that keeps nothing: for this page it holds all the same
  }
  document.documentElement.dataset["theme"] = next;
}

function show(): void {
  const kept = chosen();
  if (kept !== undefined) document.documentElement.dataset["theme"] = kept;
}

function chosen(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "dark" || kept === "light" ? kept : undefined;
  } catch {
    return undefined;
  }
}
