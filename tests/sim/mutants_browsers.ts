/**
 * Seeded bugs in what the product does for older browsers.
 * @module
 */
import type { Mutant } from "./mutants.ts";

export const browserMutants: readonly Mutant[] = [
  {
    name: "the pages are written in the newest language",
    patches: [{
      file: "src/site/bundle.ts",
      find: "`--target=${[language, ...floor]}`",
      replace: '"--target=esnext"',
    }],
    caughtBy: { file: "tests/site/language_test.ts", test: "the pages and their worker are written" },
  },
  {
    name: "an older browser gets no Symbol.dispose",
    patches: [{
      file: "src/platform/polyfills.ts",
      find: '["dispose", "asyncDispose"]',
      replace: '["asyncDispose"]',
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "adds what a browser of the floor lacks" },
  },
  {
    name: "a refusal of hex quotes its digits",
    patches: [{
      file: "src/platform/polyfills.ts",
      find: 'throw new SyntaxError("Cannot read hex: expected two digits for each byte");',
      replace: "throw new SyntaxError(`Cannot read hex: ${text}`);",
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "adds what a browser of the floor lacks" },
  },
  {
    name: "Uint8Array.fromHex is replaced where it is there",
    patches: [{
      file: "src/platform/polyfills.ts",
      find: "if (!(name in to))",
      replace: 'if (name === "fromHex" || !(name in to))',
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "changes nothing where nothing is missing" },
  },
  {
    name: "a tab needs WebRTC",
    patches: [{
      file: "src/transport/browser_transport.ts",
      find: 'if (!("RTCPeerConnection" in globalThis)) return [];',
      replace: "",
    }],
    caughtBy: { file: "tests/transport/tab_test.ts", test: "browserTransport() without WebRTC" },
  },
  {
    name: "a reader that stops leaves its stream running",
    patches: [{ file: "src/platform/stream.ts", find: "if (!over) await reader.cancel();", replace: "" }],
    caughtBy: { file: "tests/platform/stream_test.ts", test: "itemsOf() cancels the stream" },
  },
  {
    name: "a browser without Ed25519 is told nothing",
    patches: [{
      file: "web/floor.ts",
      find: "return `This browser cannot make Ed25519 keys, which this page needs: use ${browsers}.`;",
      replace: "return null;",
    }],
    caughtBy: { file: "tests/web/floor_test.ts", test: "missing() says what a browser lacks" },
  },
];
