/**
 * `deno task package:matrix`: installs the packed package in empty projects, checks it as others would, and signs in each
 * runtime. With names of scenes, only those.
 * @module
 */
import assert from "node:assert/strict";
import { findChromium } from "../../e2e/chromium.ts";
import manifest from "../../deno.json" with { type: "json" };
import { oldestNode } from "../../src/package/manifest.ts";
import { bytesUnder, installedWith, nodeIn, nodePackage, packed, type Project } from "./project.ts";
import {
  killClientInNode,
  type NodeVersion,
  signInBun,
  signInBundle,
  signInMemory,
  signInNode,
  signInOldest,
} from "./scenes.ts";
import { type Build, byEsbuild, byRollup, byVite, byWebpack, type Over, signInTab } from "./tab_scenes.ts";

/** The most that an installation without WebRTC takes on disk, bytes. */
const mostInstalled = 60_000_000;

interface Scene {
  /** The packages beside ours. */
  packages: readonly string[];
  /** More of the project's `package.json`. */
  manifest?: object;
  run(project: Project, tarball: string): Promise<string | void>;
}

const esbuild = manifest.imports.esbuild.slice("npm:".length);
/** The optional packages of `./webrtc` and `./browser-webrtc`. */
const ofWebRtc = [
  manifest.imports["@libp2p/webrtc"],
  manifest.imports["node-datachannel"],
  manifest.imports["@peculiar/x509"],
  manifest.imports["reflect-metadata"],
].map((target) => target.slice("npm:".length));
const withoutReactNative = { overrides: { "react-native-webrtc": "npm:empty-npm-package@1.0.0" } };
/** Those of the signers. */
const ofSigners = ["viem", "@solana/kit", "@scure/btc-signer", "nostr-tools/"].map((name) =>
  manifest.imports[name as keyof typeof manifest.imports].replace(/^npm:\/?/, "").replace(/\/$/, "")
);
const node = (version: string) => `${nodePackage}@${version}`;

const scenes: Readonly<Record<string, Scene>> = {
  "disk": { packages: [], run: checkDisk },
  "publint": {
    packages: ["publint@0.3.25"],
    run: ({ run, folder }, tarball) =>
      run(`${folder}/node_modules/.bin/publint`, ["run", tarball, "--strict"]),
  },
  "types-wrong": {
    packages: ["@arethetypeswrong/cli@0.18.5"],
    run: ({ run, folder }, tarball) =>
      run(`${folder}/node_modules/.bin/attw`, [tarball, "--profile", "esm-only", "--no-emoji", "--no-color"]),
  },
  "tsc-7": { packages: ["typescript@7.0.2"], run: typesOf("sample.ts") },
  "tsc-5": { packages: ["typescript@5.9.3"], run: typesOf("sample.ts") },
  "tsc-7-optional": optionalTypes("typescript@7.0.2"),
  "tsc-5-optional": optionalTypes("typescript@5.9.3"),
  "node-oldest": { packages: [node(oldestNode)], run: signInOldest },
  "node-22": { packages: [node("22")], run: inNode({}) },
  "node-24": { packages: [node("24")], run: inNode({ confines: false }) },
  "node-newest": { packages: [node("latest")], run: inNode({ confines: false, hex: true }) },
  "killed-client": { packages: [node("22")], run: killClientInNode },
  "esbuild": { packages: [node("22"), esbuild], run: signInBundle },
  "memory": { packages: [node("22")], run: signInMemory },
  "bun": { packages: ["bun@1.4.5"], run: signInBun },
  "vite": {
    packages: [node("22"), "vite@8.4.0", "react@19", "react-dom@19"],
    run: inTab(byVite),
  },
  "webpack": { packages: [node("22"), "webpack@5.113.0", "webpack-cli@7.3.1"], run: inTab(byWebpack) },
  "rollup": {
    packages: [
      node("22"),
      "rollup@4.68.8",
      "@rollup/plugin-node-resolve@16.0.3",
      "@rollup/plugin-commonjs@29.0.3",
    ],
    run: inTab(byRollup),
  },
  "esbuild-tab": { packages: [node("22"), esbuild], run: inTab(byEsbuild("main")) },
  "webrtc": {
    packages: [node("22"), esbuild, ...ofWebRtc],
    manifest: withoutReactNative,
    run: inTab(byEsbuild("webrtc"), "webrtc-direct"),
  },
};

function inTab(build: Build, over?: Over): Scene["run"] {
  return async (project) => {
    await findChromium();
    await signInTab(project, build, over);
  };
}

function inNode(version: NodeVersion): Scene["run"] {
  return async (project) => {
    await signInNode(project, version);
    return await project.run(nodeIn(project), ["--version"]);
  };
}

/** Without WebRTC there is no native code and none of its other packages. */
async function checkDisk({ folder }: Project): Promise<string> {
  const bytes = await bytesUnder(`${folder}/node_modules`);
  assert.ok(bytes <= mostInstalled, `expected at most ${mostInstalled} bytes, found ${bytes}`);
  for (
    const name of [
      "react-native-webrtc",
      "react-native",
      "node-datachannel",
      "@libp2p/webrtc",
      "@peculiar/x509",
    ]
  ) {
    const found = await Deno.stat(`${folder}/node_modules/${name}`).catch(() => null);
    assert.equal(found, null, `${name} is installed`);
  }
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The entries that need packages of their own, some of which need the types of Node. */
function optionalTypes(compiler: string): Scene {
  return {
    packages: [compiler, "@types/node@22", ...ofSigners, ...ofWebRtc],
    manifest: withoutReactNative,
    run: typesOf("sample_optional.ts", ["node"]),
  };
}

/** Compiles one of `programs/` in the strictest form, declarations too. */
function typesOf(sample: string, types: readonly string[] = []): Scene["run"] {
  return async (project) => {
    await project.add(sample);
    const strict = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noUncheckedSideEffectImports: true,
    };
    const lib = ["es2022", "dom", "dom.iterable", "esnext.disposable"];
    const compilerOptions = { ...strict, module: "nodenext", target: "es2022", lib, types, noEmit: true };
    await project.add("tsconfig.json", JSON.stringify({ compilerOptions, include: [sample] }));
    await project.run(`${project.folder}/node_modules/.bin/tsc`, ["--project", "tsconfig.json"]);
  };
}

const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(scenes);
const unknown = wanted.filter((name) => !(name in scenes));
if (unknown.length > 0) {
  console.error(`expected some of ${Object.keys(scenes).join(", ")}, found ${unknown.join(", ")}`);
  Deno.exit(2);
}
await using made = await packed();
let failed = 0;
for (const name of wanted) {
  const { packages, manifest = {}, run } = scenes[name]!;
  const began = performance.now();
  try {
    await using project = await installedWith(manifest, [made.tarball, ...packages]);
    const found = (await run(project, made.tarball) ?? "").trim().split("\n").at(-1);
    console.log(
      `✓ ${name}${found ? `: ${found}` : ""} (${((performance.now() - began) / 1000).toFixed(1)} s)`,
    );
  } catch (error) {
    failed++;
    console.log(`✗ ${name}: ${error instanceof Error ? error.stack : error}`);
  }
}
console.log(`${wanted.length - failed} passed, ${failed} failed`);
Deno.exitCode = failed === 0 ? 0 : 1;
