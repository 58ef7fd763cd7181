import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./tabs.css";

export interface Tab {
  readonly name: string;
  readonly content: () => ComponentChildren;
}

export interface TabsProps {
  readonly name: string;
  readonly tabs: readonly Tab[];
}

/** Tabs as those who use a keyboard know them: arrows go from one to the next, Tab goes into what is shown. */
export function Tabs({ name, tabs }: TabsProps) {
  const id = useId();
  const at = useSignal(0);
  const go = (to: number) => {
    at.value = (to + tabs.length) % tabs.length;
    document.getElementById(`${id}-${at.value}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: at.value + 1, ArrowLeft: at.value - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={name} onKeyDown={onKeyDown}>
        {tabs.map((tab, index) => (
          <button
            type="button"
            role="tab"
            key={tab.name}
            id={`${id}-${index}`}
            aria-selected={at.value === index}
            aria-controls={`${id}-panel`}
            tabIndex={at.value === index ? 0 : -1}
            onClick={() => (at.value = index)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at.value}`} class="panel">
        {tabs[at.value]?.content()}
      </div>
    </div>
  );
}
