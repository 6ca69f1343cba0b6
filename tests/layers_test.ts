import assert from "node:assert/strict";
import { effects, makesSessionErrors } from "./layers/effects.ts";
import manifest from "../deno.json" with { type: "json" };
import { graph, type Module, reached, reachedByTypes, source } from "./layers/graph.ts";

/** Which rooms a room may import beside itself, and which packages. */
interface Room {
  files: RegExp;
  rooms: readonly string[];
  packages?: readonly string[];
  /** Whether it is an edge of the product: may touch clocks, disks, sockets by itself. */
  edge?: true;
}
const noble = ["@noble/curves", "@noble/hashes", "@noble/ciphers"];
const tables = ["failure", "errors", "events", "ports", "limits"];
const inner = [
  ...tables,
  "text",
  "explain",
  "stream",
  "signals",
  "crypto",
  "protocol",
  "schemes",
  "session",
  "keystore",
];
const adapters = ["transport", "store", "identity"];

const rooms: Readonly<Record<string, Room>> = {
  failure: { files: /^src\/failure(s\/|\.ts$)/, rooms: [] },
  errors: { files: /^src\/errors\.ts$/, rooms: ["failure"] },
  explain: { files: /^src\/explain(\/|\.ts$)/, rooms: ["failure"] },
  events: { files: /^src\/events\.ts$/, rooms: ["failure"] },
  limits: { files: /^src\/limits\.ts$/, rooms: [] },
  ports: { files: /^src\/ports(\/|\.ts$)/, rooms: ["failure", "errors", "events"] },
  // The clock, the randomness and the timers of whatever runs this.
  platform: { files: /^src\/platform\/(platform|builtin|threads)\.ts$/, rooms: ["ports"], edge: true },
  // What older browsers lack.
  polyfills: {
    files: /^src\/platform\/(polyfills|symbols|add_missing|hex)\.ts$/,
    rooms: [],
    packages: ["@noble/hashes"],
  },
  signals: { files: /^src\/platform\/signals\.ts$/, rooms: [] },
  stream: { files: /^src\/platform\/stream\.ts$/, rooms: [] },
  version: { files: /^src\/platform\/version\.ts$/, rooms: [] },
  systemErrors: { files: /^src\/platform\/system_errors\.ts$/, rooms: [] },
  // What people type, and what they read: no secrets' arithmetic, no state.
  text: {
    files: /^src\/text\//,
    rooms: ["failure", "errors", "limits"],
    packages: ["@zxcvbn-ts/core", "@zxcvbn-ts/language-common"],
  },
  crypto: {
    files: /^src\/crypto\//,
    rooms: ["failure", "errors", "events", "ports", "text"],
    packages: [...noble, "@scure/base", "@scure/bip32", "age-encryption", "cborg", "valibot"],
  },
  protocol: {
    files: /^src\/protocol\//,
    rooms: [...tables, "crypto"],
    packages: ["@noble/hashes", "valibot"],
  },
  // One place a signature scheme: for anybody, and for whoever holds shares.
  schemes: {
    files: /^src\/schemes\//,
    rooms: [...tables, "text", "crypto", "protocol"],
  },
  session: {
    files: /^src\/session\//,
    rooms: [...tables, "crypto", "protocol"],
    packages: ["@noble/hashes", "valibot"],
  },
  // What a node keeps of keys.
  keystore: {
    files: /^src\/keystore\//,
    rooms: [...tables, "text", "stream", "crypto", "protocol", "schemes", "session"],
    packages: ["age-encryption", "valibot"],
  },
  // Shares are in the open here, so it holds the protocols; the session lends it its rounds.
  worker: {
    files: /^src\/worker(\/|\.ts$)/,
    rooms: [...tables, "crypto", "protocol", "schemes", "session", "keystore", "platform", "polyfills"],
  },
  cluster: {
    files: /^src\/cluster\//,
    rooms: inner,
    packages: ["@noble/hashes", "@scure/base", "valibot"],
  },
  transport: {
    files: /^src\/transport\//,
    rooms: tables,
    packages: [
      "libp2p",
      "@libp2p/circuit-relay-v2",
      "@libp2p/crypto",
      "@libp2p/gossipsub",
      "@libp2p/identify",
      "@libp2p/interface",
      "@libp2p/noise",
      "@libp2p/peer-id",
      "@libp2p/webrtc",
      "@libp2p/websockets",
      "@libp2p/yamux",
      "@multiformats/multiaddr",
      "@multiformats/multiaddr-to-uri",
      "@noble/hashes",
      "@peculiar/x509",
      "@scure/base",
      "mortice",
      "node-datachannel",
      "node:crypto",
      "node:dgram",
      "node:net",
      "reflect-metadata",
      "ws",
    ],
    edge: true,
  },
  store: {
    files: /^src\/store\//,
    rooms: [...tables, "systemErrors", "crypto"],
    packages: ["@noble/ciphers", "idb", "node:fs", "node:path", "node:sqlite"],
    edge: true,
  },
  identity: {
    files: /^src\/identity\//,
    rooms: [...tables, "signals", "systemErrors", "text", "crypto"],
    packages: [
      "@noble/curves",
      "@noble/hashes",
      "@scure/base",
      "@scure/bip39",
      "age-encryption",
      "node:fs/promises",
      "node:path",
      "node:process",
      "valibot",
    ],
    edge: true,
  },
  // Everything put together.
  node: {
    files: /^src\/node\//,
    rooms: [...inner, ...adapters, "cluster", "worker", "platform"],
    packages: ["@noble/hashes"],
  },
  // Real nodes without disks and sockets, for other people's tests.
  testing: {
    files: /^src\/testing(\/|\.ts$)/,
    rooms: [...inner, ...adapters, "cluster", "worker", "platform", "polyfills", "node"],
    packages: ["node:timers"],
    edge: true,
  },
  // The page as files.
  site: {
    files: /^src\/site\//,
    rooms: ["version"],
    packages: ["@noble/hashes", "citty", "node:fs/promises", "node:url"],
    edge: true,
  },
  // The npm package.
  package: {
    files: /^src\/package\//,
    rooms: ["schemes", "site"],
    packages: ["acorn", "citty", "node:fs/promises", "node:os", "node:path", "node:url"],
    edge: true,
  },
  mod: { files: /^mod\.ts$/, rooms: [...inner, "polyfills", "cluster", "identity", "node", "store"] },
  entries: {
    files: /^src\/(server|browser|webrtc|browser_webrtc)\.ts$/,
    rooms: ["cluster", "node", "platform", "polyfills", "ports", ...adapters],
  },
  // For other people's libraries, each an entry of its own: the packages are optional peers.
  signers: {
    files: /^src\/signers\//,
    rooms: [...inner, "cluster", "node"],
    packages: ["@scure/btc-signer", "@solana/kit", "nostr-tools", "viem"],
  },
  cli: {
    files: /^src\/cli\//,
    rooms: [
      ...inner,
      ...adapters,
      "cluster",
      "node",
      "platform",
      "polyfills",
      "version",
      "systemErrors",
      "mod",
      "entries",
    ],
    packages: [
      "@logtape/logtape",
      "@scure/base",
      "citty",
      "node:fs",
      "node:fs/promises",
      "node:net",
      "node:path",
      "node:process",
      "node:readline",
      "node:stream",
      "node:util",
      "prom-client",
      "uqr",
      "valibot",
    ],
    edge: true,
  },
  demo: {
    files: /^src\/demo\//,
    rooms: [...inner, ...adapters, "cluster", "worker", "platform", "node", "mod", "entries", "cli", "site"],
    packages: [
      "citty",
      "valibot",
      "node:buffer",
      "node:crypto",
      "node:fs/promises",
      "node:net",
      "node:os",
      "node:path",
      "node:url",
      "node:util",
    ],
    edge: true,
  },
  // The demonstration's page tells peers to misbehave; the product's own does not know how.
  demoPage: {
    files: /^web\/demo\//,
    rooms: ["web", "demo", "mod", "entries", "platform", "polyfills", "node", ...tables],
    packages: ["preact"],
    edge: true,
  },
  web: {
    files: /^web\//,
    rooms: [
      "mod",
      "entries",
      "platform",
      "node",
      "cluster",
      "explain",
      "schemes",
      "stream",
      "text",
      ...tables,
    ],
    packages: ["preact"],
    edge: true,
  },
};

const modules = await graph();
const roomOf = (path: string) => Object.entries(rooms).find(([, { files }]) => files.test(path))?.[0];
const all = [...modules.values()];
/** The entry points of the package, by the names under which programs import them. */
const exported = new Map(Object.entries(manifest.exports).map(([name, path]) => [name, path.slice(2)]));
const entries = [...exported.values(), "web/main.tsx"];
const product = [...entries, ...all.map(({ path }) => path).filter((path) => path.startsWith("src/cli/"))];

Deno.test("layers: every module has a room, and every room a module", () => {
  for (const { path } of all) assert.ok(roomOf(path), `${path} belongs nowhere`);
  for (const name of Object.keys(rooms)) assert.ok(all.some(({ path }) => roomOf(path) === name), name);
});

Deno.test("layers: the root of src/ holds what crosses a boundary, and an entry point a platform", () => {
  const atRoot = all.map(({ path }) => path).filter((path) => /^src\/[^/]+$/.test(path)).sort();
  const tables = ["errors", "events", "explain", "failure", "limits", "ports"];
  const starts = [...exported.values()].map((path) => path.match(/^src\/(\w+)\.ts$/)?.[1]).filter((name) =>
    name !== undefined
  );
  assert.deepEqual(atRoot, [...tables, ...starts].sort().map((name) => `src/${name}.ts`));
});

Deno.test("layers: a folder shows at most sixteen files beside each other", async () => {
  const crowded: string[] = [];
  const look = async (folder: string) => {
    let files = 0;
    for await (const { name, isDirectory } of Deno.readDir(new URL(`../${folder}/`, import.meta.url))) {
      if (isDirectory) await look(`${folder}/${name}`);
      else files++;
    }
    if (files > 16) crowded.push(`${folder}: ${files}`);
  };
  await look("src");
  await look("web");
  assert.deepEqual(crowded, []);
});

Deno.test("layers: imports point only leftwards, and adapters do not know each other", () => {
  for (const { path, imports } of all) {
    const room = roomOf(path)!;
    for (const to of imports) {
      const theirs = roomOf(to)!;
      assert.ok(theirs === room || rooms[room]!.rooms.includes(theirs), `${path} imports ${to}`);
    }
  }
});

Deno.test("layers: no room imports, directly or not, one that imports it", () => {
  const above = (name: string, seen: Set<string> = new Set()): Set<string> => {
    for (const to of rooms[name]!.rooms) if (!seen.has(to)) above(to, seen.add(to));
    return seen;
  };
  for (const name of Object.keys(rooms)) assert.ok(!above(name).has(name), `${name} stands above itself`);
});

Deno.test("layers: each room imports its own packages, and only there is each used", () => {
  for (const { path, packages } of all) {
    for (const name of packages) {
      assert.ok(rooms[roomOf(path)!]!.packages?.includes(name), `${path} imports ${name}`);
    }
  }
});

// F34: what is not there cannot have its faults. Whoever brings it in owes the six tests of that number first.
Deno.test("layers: there is no Paillier encryption, anywhere, and no modulus of secret primes", async () => {
  for (const { path, packages } of all) {
    const text = await Deno.readTextFile(path);
    assert.doesNotMatch(text, /paillier|safe.?prime|ring.?pedersen|generatePrime|biprim/i, path);
    for (const name of packages) assert.doesNotMatch(name, /paillier|bigint-crypto|rsa/i, path);
  }
});

Deno.test("layers: only the worker loads what schemes do with secrets, and only the keystore what they store", () => {
  const secret = /^src\/schemes\/(secrets|\w+_secret|secret_scheme|run\/\w+)\.ts$/;
  const stored = /^src\/schemes\/stored\//;
  for (const kind of [secret, stored]) assert.ok(all.some(({ path }) => kind.test(path)));
  for (const { path, imports } of all) {
    const room = roomOf(path)!;
    if (room === "worker" || secret.test(path)) continue;
    assert.deepEqual(imports.filter((to) => secret.test(to)), [], path);
    if (room === "keystore" || stored.test(path)) continue;
    assert.deepEqual(imports.filter((to) => stored.test(to)), [], path);
  }
});

Deno.test("layers: whoever only verifies loads nothing of DKLs23's arithmetic, and no secrets' code", () => {
  const table = all.map(({ path }) => path).filter((path) =>
    /^src\/schemes\/(schemes|scheme|sign_fields)\.ts$/.test(path)
  );
  assert.equal(table.length, 3);
  for (const entry of [...table, "src/node/verify.ts", "src/node/evidence.ts"]) {
    for (const path of reached(modules, entry)) {
      assert.doesNotMatch(
        path,
        /^src\/(crypto\/dkls\/|worker\/|schemes\/.*(secret|stored))/,
        `${entry} reaches ${path}`,
      );
    }
  }
  assert.ok(
    [...reached(modules, "src/schemes/secrets.ts")].some((path) => path.startsWith("src/crypto/dkls/")),
  );
});

Deno.test("layers: verify() loads no protocol and no codec", () => {
  const reads = [...reached(modules, "src/node/verify.ts")].map((path) => modules.get(path)!);
  const packages = new Set(reads.flatMap((module) => module.packages));
  for (const { path } of reads) assert.doesNotMatch(path, /^src\/(protocol\/|crypto\/(codec|frost))/, path);
  for (const one of ["cborg", "valibot"]) assert.ok(!packages.has(one), one);
  assert.ok(packages.has("@noble/curves"));
});

Deno.test("layers: the page's own thread loads no key generation and nothing of DKLs23's protocols: they are the worker's", () => {
  const protocols = /^src\/(schemes\/.*secret|protocol\/(generate|setup_ecdsa|sign_ecdsa)\.ts)/;
  for (const entry of ["web/app.ts", "web/demo/app.ts"]) {
    assert.deepEqual([...reached(modules, entry)].filter((path) => protocols.test(path)), [], entry);
  }
  assert.ok([...reached(modules, "src/worker.ts")].some((path) => protocols.test(path)));
});

Deno.test("layers: no entry point of the product reaches the adversary, or anything of the demonstration", () => {
  for (const entry of product.filter((path) => modules.has(path))) {
    for (const path of reached(modules, entry)) {
      assert.notEqual(roomOf(path), "demo", `${entry} reaches ${path}`);
    }
  }
  const cheats = all.filter(({ path }) => /^src\/.*(cheat|adversary)/.test(path));
  assert.ok(cheats.length > 0);
  for (const { path } of cheats) assert.equal(roomOf(path), "demo", path);
});

Deno.test("layers: every module is reached from an entry point, or started as a worker or a program", () => {
  const programs = [
    "src/demo/main.ts",
    "src/site/main.ts",
    "src/package/main.ts",
    "src/demo/peer.ts",
    "src/demo/stranger_worker.ts",
    "web/demo/main.tsx",
    "web/main.tsx",
    ...product,
  ];
  const seen = new Set(
    programs.filter((path) => modules.has(path)).flatMap((entry) => [...reached(modules, entry)]),
  );
  const typesOnly = ({ path }: Module) => !all.some(({ runs }) => runs.includes(path));
  // The tests' cheats.
  const unbuilt = /^src\/demo\/cheats\/\w+_cheats\.ts$/;
  for (const module of all) {
    const { path } = module;
    if (unbuilt.test(path) || path.startsWith("web/") || typesOnly(module)) continue;
    assert.ok(seen.has(path), `nobody reaches ${path}`);
  }
});

Deno.test("layers: mod.ts reaches neither Deno nor node:", async () => {
  for (const path of reached(modules, "mod.ts")) {
    const { packages } = modules.get(path)!;
    assert.deepEqual(packages.filter((name) => name.startsWith("node:")), [], path);
    const touched = effects(path, await source(path)).filter((effect) => effect.startsWith("Deno"));
    assert.deepEqual(touched, [], path);
  }
});

Deno.test("layers: no entry point of the package reaches Deno, so that Node and Bun run it too", async () => {
  for (const [name, entry] of exported) {
    for (const path of reached(modules, entry)) {
      const touched = effects(path, await source(path)).filter((effect) => effect.startsWith("Deno"));
      assert.deepEqual(touched, [], `${name} reaches ${path}`);
    }
  }
});

Deno.test("layers: WebRTC's packages are loaded by its own entry points only, types included", () => {
  const optional = ["@libp2p/webrtc", "@peculiar/x509", "node-datachannel", "reflect-metadata"];
  const loaded = (entry: string) =>
    new Set([...reachedByTypes(modules, entry)].flatMap((path) => modules.get(path)!.packages));
  for (const [name, path] of exported) {
    const found = optional.filter((one) => loaded(path).has(one));
    const own = name === "./webrtc" ? optional : name === "./browser-webrtc" ? ["@libp2p/webrtc"] : [];
    assert.deepEqual(found, own, name);
  }
});

Deno.test("layers: clocks, randomness, disks and sockets are touched by adapters only", async () => {
  for (const { path } of all) {
    if (rooms[roomOf(path)!]!.edge) continue;
    assert.deepEqual(effects(path, await source(path)), [], path);
  }
});

Deno.test("effects() sees what reaches outside, and not what only looks like it", () => {
  const touching = [
    "Date.now()",
    "const now = Date.now",
    "setTimeout(f, 1)",
    "globalThis.setTimeout(f)",
    "performance.now()",
    "AbortSignal.timeout(1)",
    "Math.random()",
    "crypto.getRandomValues(x)",
    "fetch('x')",
    "Deno.env",
    "const { env } = Deno",
    "f({ setTimeout })",
    "new Date()",
    "`${Date.now()}`",
  ];
  for (const code of touching) assert.ok(effects("a.ts", code).length > 0, code);
  const innocent = [
    "// Date.now()",
    "'setTimeout'",
    "clock.setTimeout(f)",
    "const x = { fetch: 1 }",
    "x.performance",
    "new Date(0)",
    "/Deno/",
    "interface X { fetch(): void }",
    "clock.now()",
  ];
  for (const code of innocent) assert.deepEqual(effects("a.ts", code), [], code);
});

Deno.test("tests reach a failure only by provoking it: none makes a SessionError", async () => {
  const root = new URL("./", import.meta.url);
  // They stand in for a node before the page, and for a protocol before the session: they provoke nothing.
  const doubles = ["web/scripted_console.ts", "sim/toy_ecdsa.ts", "sim/toy_reshare.ts", "sim/toy_signing.ts"]
    .map((path) => new URL(path, root).href);
  async function look(folder: URL): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const file = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await look(file);
      else if (/\.tsx?$/.test(name) && !doubles.includes(file.href)) {
        assert.ok(!makesSessionErrors(name, await Deno.readTextFile(file)), file.pathname);
      }
    }
  }
  await look(root);
  assert.ok(makesSessionErrors("a.ts", "throw new SessionError('internal')"));
});
