import assert from "node:assert/strict";
import { numberConstants } from "./layers/numbers.ts";

const src = new URL("../src/", import.meta.url);

/** Constants that are part of a format or of a protocol, and bound nothing: all of a place, or those named. */
const formats: Readonly<Record<string, readonly string[] | "all">> = {
  "crypto/dkls": "all",
  "crypto/cbor_heads.ts": ["kinds"],
  "crypto/address.ts": ["networks"],
  "crypto/bip32.ts": ["hardened", "maxDepth"],
  "crypto/ed25519.ts": ["signBit"],
  "cli/control/replies.ts": ["controlVersion"],
  "cli/control/socket_path.ts": ["notTheOwners"],
  "cluster/commands/buckets.ts": ["initiatorDigits"],
  "cluster/events/feed.ts": ["failure"],
  "cluster/records/command.ts": ["commandKeyLength"],
  "cluster/rollback/restoration.ts": ["unmarked"],
  "cluster/rollback/store_generation.ts": ["rolledBackGeneration"],
  "cluster/roster/admission/join_words.ts": ["joinNonceLength"],
  "identity/four_words.ts": ["wordBits"],
  "identity/key_file.ts": ["othersWrite", "others"],
  "identity/peer_key.ts": ["peerIdLength"],
  "platform/platform.ts": ["maxRandomBytes"],
  "store/indexeddb.ts": ["schemaVersion"],
  "store/sealed.ts": ["nonceBytes", "tagBytes"],
  "store/sqlite.ts": ["schemaVersion", "headerBytes"],
  "transport/frames.ts": ["maxPrefix"],
  "transport/libp2p/origin.ts": ["ownNetwork"],
  "transport/libp2p/ping.ts": ["pingLength"],
  "transport/webrtc/certificate.ts": ["day"],
};

async function* under(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, src))) {
    if (isDirectory) yield* under(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

/** The number constants of `src/` by file, without those of `limits.ts` and of the demonstration. */
async function constants(): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>();
  for await (const path of under("./")) {
    const file = path.slice(2);
    if (file === "limits.ts" || file.startsWith("demo/")) continue;
    const names = numberConstants(file, await Deno.readTextFile(new URL(file, src)));
    if (names.length > 0) all.set(file, names);
  }
  return all;
}

const isFormat = (file: string, name: string) =>
  Object.entries(formats).some(([place, names]) =>
    names === "all" ? file.startsWith(place) : file === place && names.includes(name)
  );

/** The list in the header of `limits.ts`: names by file. */
async function listed(): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(new URL("limits.ts", src));
  const header = text.slice(0, text.indexOf("@module")).replace(/\n \* {3}/g, " ");
  const lines = [...header.matchAll(/^ \* - `([^`]+)`: (.*)$/gm)];
  return new Map(
    lines.map(([, file, rest]) => [file!, [...rest!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)]),
  );
}

Deno.test("limits: the header lists every number that bounds something and stands elsewhere, and no other", async () => {
  const found = new Map<string, string[]>();
  for (const [file, names] of await constants()) {
    const bounds = names.filter((name) => !isFormat(file, name));
    if (bounds.length > 0) found.set(file, bounds.sort());
  }
  const header = new Map([...await listed()].map(([file, names]) => [file, names.sort()]));
  for (const file of new Set([...found.keys(), ...header.keys()])) {
    assert.deepEqual(
      header.get(file) ?? [],
      found.get(file) ?? [],
      `src/limits.ts lists the numbers of src/${file}`,
    );
  }
});

Deno.test("limits: no two numbers have one name", async () => {
  const places = new Map<string, string>();
  const own = numberConstants("limits.ts", await Deno.readTextFile(new URL("limits.ts", src)));
  for (const [file, names] of [["limits.ts", own] as const, ...await constants()]) {
    for (const name of names) {
      if (isFormat(file, name)) continue;
      assert.equal(places.get(name), undefined, `${name} of src/${file} has a name of its own`);
      places.set(name, file);
    }
  }
  assert.ok(places.size > 100, `${places.size} numbers were found`);
});

Deno.test("limits: every exception is a constant that is there", async () => {
  const all = await constants();
  for (const [place, names] of Object.entries(formats)) {
    if (names === "all") assert.ok([...all.keys()].some((file) => file.startsWith(place)), place);
    else for (const name of names) assert.ok(all.get(place)?.includes(name), `${place}: ${name}`);
  }
});

Deno.test("numberConstants() finds numbers, sums, lists and tables at the top of a module, and nothing else", () => {
  const code = [
    "const a = 5_000;",
    "export const b = 2 * a, c = 4n;",
    "const d = [1, 2];",
    "const e = { ms: 3 };",
    "const f = -1 as number;",
    "let g = 1;",
    'const h = "1", i = a, j = f(1);',
    "function k() { const l = 1; }",
  ];
  assert.deepEqual(numberConstants("a.ts", code.join("\n")), ["a", "b", "c", "d", "e", "f"]);
});
