import { type Signal, useSignal } from "@preact/signals";
import { wordsOf } from "../api/ask.ts";

/** Something that a person sets off: it runs once at a time, and what went wrong is told where they set it off. */
export interface Act {
  readonly busy: Signal<boolean>;
  readonly failure: Signal<string | undefined>;
  /** @returns whether it went well */
  run(act: () => Promise<unknown>): Promise<boolean>;
}

export function useAct(): Act {
  const busy = useSignal(false);
  const failure = useSignal<string | undefined>(undefined);
  return {
    busy,
    failure,
    async run(act) {
      if (busy.value) return false;
      busy.value = true;
      failure.value = undefined;
      try {
        await act();
        return true;
      } catch (error) {
        failure.value = wordsOf(error);
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}

/** What went wrong, told once to those who listen. */
export function Failure({ of }: { readonly of: Act }) {
  return <Said text={of.failure.value} />;
}

export function Said({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="said" role="alert" dir="auto">
      {text}
    </p>
  );
}
