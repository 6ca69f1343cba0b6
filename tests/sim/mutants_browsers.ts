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
      file: "src/platform/symbols.ts",
      find: '["dispose", "asyncDispose"]',
      replace: '["asyncDispose"]',
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "adds what a browser of the floor lacks" },
  },
  {
    name: "a refusal of hex quotes its digits",
    patches: [{
      file: "src/platform/hex.ts",
      find: 'throw new SyntaxError("Cannot read hex: expected two digits for each byte");',
      replace: "throw new SyntaxError(`Cannot read hex: ${text}`);",
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "adds what a browser of the floor lacks" },
  },
  {
    name: "Uint8Array.fromHex is replaced where it is there",
    patches: [{
      file: "src/platform/add_missing.ts",
      find: "if (!(name in to))",
      replace: 'if (name === "fromHex" || !(name in to))',
    }],
    caughtBy: { file: "tests/site/polyfills_test.ts", test: "changes nothing where nothing is missing" },
  },
  {
    name: "a tab needs WebRTC",
    patches: [{
      file: "src/transport/webrtc/browser_webrtc.ts",
      find: 'if (!("RTCPeerConnection" in globalThis)) return Promise.resolve(null);',
      replace: "",
    }],
    caughtBy: { file: "tests/transport/tab_test.ts", test: "browserTransport() without WebRTC" },
  },
  {
    name: "a page whose prototypes are to be left alone is patched all the same",
    patches: [{
      file: "src/transport/webrtc/browser_webrtc.ts",
      find: "if (patchPrototypes) {",
      replace: "if (patchPrototypes !== undefined) {",
    }],
    caughtBy: {
      file: "tests/transport/browser_webrtc_test.ts",
      test: "changes nothing of the page's own classes",
    },
  },
  {
    name: "a reader that stops leaves its stream running",
    patches: [{ file: "src/platform/stream.ts", find: "if (!over) await reader.cancel();", replace: "" }],
    caughtBy: { file: "tests/platform/stream_test.ts", test: "itemsOf() cancels the stream" },
  },
  {
    name: "a peer key is imported in the form that WebKitGTK refuses",
    patches: [{
      file: "src/identity/peer_key.ts",
      find: 'importKey("jwk", jwk, "Ed25519"',
      replace:
        'importKey("pkcs8", join(Uint8Array.fromHex("302e020100300506032b657004220420"), seed), "Ed25519"',
    }],
    caughtBy: {
      file: "tests/identity/peer_key_test.ts",
      test: "peerKey() signs with a seed that begins with zero",
    },
  },
  {
    name: "a storage key is given to the platform as it is",
    patches: [{ file: "src/crypto/age/storage_key.ts", find: "scalar[0]! |= 1;", replace: "" }],
    caughtBy: { file: "tests/crypto/age_test.ts", test: "a storage key that begins with zero is used" },
  },
  {
    name: "a bit of a storage key is set that X25519 uses",
    patches: [{ file: "src/crypto/age/storage_key.ts", find: "|= 1;", replace: "|= 8;" }],
    caughtBy: { file: "tests/crypto/age_test.ts", test: "recipientOf() is the recipient that age has" },
  },
  {
    name: "no other ephemeral key is drawn",
    patches: [{
      file: "src/crypto/age/records.ts",
      find: "if (!isRefused || tried === ephemeralKeys) throw error;",
      replace: "throw error;",
    }],
    caughtBy: { file: "tests/crypto/age_test.ts", test: "encryptTo() draws another ephemeral key" },
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
