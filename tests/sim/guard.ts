/**
 * While a schedule runs there is no other time than its clock's and no other chance than its seed's: who asks the
 * platform for either is thrown at.
 * @module
 */
import { seededRandom } from "./cluster.ts";

const never = (name: string) => () => {
  throw new Error(`Cannot use ${name} in a simulation: time is the clock's`);
};

/** Takes the platform's time and chance away, until disposed of. */
export function guarded(seed: string): Disposable {
  const random = seededRandom(`${seed} platform`);
  const taken: [object, string, unknown][] = [
    [globalThis, "setTimeout", never("setTimeout")],
    [globalThis, "setInterval", never("setInterval")],
    // Thousands of errors are made to be counted, and a trace costs more than all the rest of one.
    [Error, "stackTraceLimit", 4],
    [Date, "now", never("Date.now")],
    [performance, "now", never("performance.now")],
    // What a library draws for itself (age: file keys, nonces) is of the seed too.
    [crypto, "getRandomValues", <T extends ArrayBufferView>(into: T): T => {
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(random(into.byteLength));
      return into;
    }],
    // A thread pool answers when it likes; age then does it in this thread.
    [crypto.subtle, "importKey", () => Promise.reject(new DOMException("not here", "NotSupportedError"))],
  ];
  const before = taken.map(([of, name]) => Object.getOwnPropertyDescriptor(of, name));
  for (const [of, name, value] of taken) {
    Object.defineProperty(of, name, { value, configurable: true, writable: true });
  }
  return {
    [Symbol.dispose]() {
      for (const [i, [of, name]] of taken.entries()) {
        if (before[i]) Object.defineProperty(of, name, before[i]);
        else delete (of as Record<string, unknown>)[name];
      }
    },
  };
}
