/**
 * The drawn secrets of a protocol behind the interface of a scheme.
 * @module
 */
import type { Agreed, Drawn, ProtocolRun } from "../secret_scheme.ts";

/**
 * Lets `run` use what a protocol has drawn. The secrets are wiped at its end, whether or not it got so far as
 * to use them.
 */
export function drawnFor<Result, Input = Agreed>(
  drawn: Disposable & { readonly firstRound: Uint8Array },
  run: (effects: ProtocolRun, agreed: Input) => Promise<Result>,
): Drawn<Result, Input> {
  return {
    firstRound: drawn.firstRound,
    async run(effects, agreed) {
      using _wiped = drawn;
      return await run(effects, agreed);
    },
    [Symbol.dispose]: () => drawn[Symbol.dispose](),
  };
}
