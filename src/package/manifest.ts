/**
 * The `package.json` of the package.
 * @module
 */
import { schemes } from "../schemes/schemes.ts";

/** The used part of `deno.json`. */
export interface DenoManifest {
  name: string;
  version: string;
  license: string;
  /** Paths of the entries' sources. */
  exports: Readonly<Record<string, string>>;
  /** `npm:NAME@VERSION`, or `npm:/NAME@VERSION/`. */
  imports: Readonly<Record<string, string>>;
}

/** The entries that everyone can use with the package alone; the others need packages of their own, as peers. */
const complete: ReadonlySet<string> = new Set([".", "./server", "./browser", "./worker", "./testing"]);

/** The packages into whose insides our code reaches, or whose format outlives a release: no other version will do. */
const exact = /^(@libp2p\/.*|libp2p|mortice|ws|age-encryption|node-datachannel)$/;

/** The oldest version of Node that the package promises, and runs in: the first one that has `node:sqlite` by itself. */
export const oldestNode = "22.13.0";

/** The packages that one entry needs. */
export interface Needs {
  entry: string;
  packages: Iterable<string>;
}

export interface ManifestOptions {
  deno: DenoManifest;
  /** The packages that each entry needs, of scripts and of types. */
  needs: readonly Needs[];
  /** The script of the command line, if the package has it. */
  program: { path: string; packages: Iterable<string> } | null;
  /** The scripts that a bundler may not leave out, though nothing of them is imported. */
  withEffects: Iterable<string>;
}

/** The manifest. @throws {Error} If a package has no version in `deno.json`. */
export function manifestOf(
  { deno, needs, program, withEffects }: ManifestOptions,
): Record<string, unknown> {
  const { name, version, license } = deno;
  const versions = versionsOf(deno.imports);
  const range = (one: string) => {
    const pinned = versions.get(one);
    if (pinned === undefined) throw new Error(`Cannot make package.json: deno.json has no version of ${one}`);
    return exact.test(one) ? pinned : `^${pinned}`;
  };
  const ranges = (names: Iterable<string>) =>
    Object.fromEntries([...new Set(names)].sort().map((one) => [one, range(one)]));
  const all = (wanted: boolean) =>
    needs.filter(({ entry }) => complete.has(entry) === wanted).flatMap(({ packages }) => [...packages]);
  const optional = new Set(all(false));
  const always = new Set([...all(true), ...[...program?.packages ?? []].filter((one) => !optional.has(one))]);
  const peers = [...optional].filter((one) => !always.has(one)).sort();
  return {
    name,
    version,
    description: "Threshold signing among libp2p peers, in browsers, Deno, Node and Bun",
    keywords: [
      "threshold",
      "signature",
      "mpc",
      "tss",
      "frost",
      "dkls23",
      ...Object.keys(schemes),
      "libp2p",
    ],
    license,
    type: "module",
    engines: { node: `^${oldestNode} || >=24` },
    main: script(deno.exports["."]!),
    types: types(deno.exports["."]!),
    exports: {
      ...Object.fromEntries(
        Object.entries(deno.exports).map((
          [entry, path],
        ) => [entry, { types: types(path), default: script(path) }]),
      ),
      "./package.json": "./package.json",
    },
    ...program && { bin: { quorate: `./${program.path}` } },
    sideEffects: [...withEffects, ...program ? [program.path] : []].sort().map((path) => `./${path}`),
    dependencies: ranges(always),
    peerDependencies: ranges(peers),
    peerDependenciesMeta: Object.fromEntries(peers.map((one) => [one, { optional: true }])),
  };
}

const script = (path: string) => path.replace(/\.ts$/, ".js");
const types = (path: string) => path.replace(/\.ts$/, ".d.ts");

/** The versions of all packages by name. */
function versionsOf(imports: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.values(imports).map((target) => {
      const [, name, version] = /^npm:\/?(@?[^@]+)@([^/]+)\/?$/.exec(target) ?? [];
      if (!name || !version) {
        throw new Error(`Cannot make package.json: expected npm:NAME@VERSION, found ${target}`);
      }
      return [name, version] as const;
    }),
  );
}
