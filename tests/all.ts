/**
 * The tests: all of them with `deno task test`, the quick half with `deno task ok`, what needs processes and browsers
 * with `deno task e2e`, and single ones with `deno task test FILE…`. The last line counts what was run.
 * @module
 */
import manifest from "../deno.json" with { type: "json" };
import { findBrowsers } from "../e2e/browsers.ts";

interface Step {
  name: string;
  /** Arguments of `deno`. */
  args: string[];
  /** Whether it is a test run that counts its tests; others count as one. */
  counts?: boolean;
  before?: () => Promise<unknown>;
}

/** Steps that run at once: each has one thread to itself. */
type Together = readonly Step[];

const entries = Object.values(manifest.exports);
/** Entries that return types of other libraries, which their own documentation has, and `deno doc --lint` misses. */
const foreign = ["./src/signers/nostr.ts", "./src/signers/solana.ts", "./src/signers/viem.ts"];
const documented = entries.filter((path) => !foreign.includes(path));
const test = ["test", "-A", "--quiet", "--sanitize-ops", "--sanitize-resources"];
const sources = ["mod.ts", "src", "web", "tests", "e2e"];

/**
 * Tests with processes and browsers in which nothing is late on a busy machine: pages without a cluster, and peers that
 * are asked again. They run beside each other; all others one after the other.
 */
const unhurried = [
  "e2e/page_states_test.ts", // the longest
  "e2e/kill_reshare_test.ts",
  "e2e/kill_test.ts",
  "e2e/kill_client_test.ts",
  "e2e/page_use_test.ts",
  "e2e/holder_identity_test.ts",
  "e2e/ed25519_test.ts",
];

const quick: (Step | Together)[] = [
  [
    { name: "format", args: ["fmt", "--check", "--quiet"] },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "types", args: ["check", "--quiet", ...sources] },
    { name: "doc lint", args: ["doc", "--lint", ...documented] },
    { name: "package for JSR", args: ["publish", "--dry-run", "--allow-dirty", "--no-check", "--quiet"] },
  ],
  {
    name: "unit tests",
    args: [...test, "--parallel", "--no-check", "--ignore=tests/sim,tests/transport", "tests"],
    counts: true,
  },
];
const simulation: Step[] = [
  { name: "simulation", args: [...test, "--parallel", "--no-check", "tests/sim"], counts: true },
];
const realStack: Step[] = [
  { name: "transport", args: [...test, "--parallel", "--no-check", "tests/transport"], counts: true },
  {
    name: "pages and killed processes",
    args: ["test", "-A", "--quiet", "--no-check", "--parallel", ...unhurried],
    counts: true,
    before: findBrowsers,
  },
  {
    name: "processes and browsers",
    args: ["test", "-A", "--quiet", "--no-check", `--ignore=${unhurried.join(",")}`, "e2e"],
    counts: true,
    before: findBrowsers,
  },
];

const wanted: Record<string, (Step | Together)[]> = {
  ok: quick,
  e2e: realStack,
  all: [...quick, ...simulation, ...realStack],
};

/** The tests and steps that failed, each with its file and the beginning of its error. */
const failures: string[] = [];

/** Tests, each with its file and the seconds that it took. */
const times: { name: string; seconds: number }[] = [];
/** Slow enough to be told at the end, s; and at most so many. */
const slow = { seconds: 5, most: 25 };

/** Runs one step. @returns How many passed and failed. */
async function run({ name, args, counts, before }: Step): Promise<[number, number]> {
  const began = performance.now();
  const report = counts ? await Deno.makeTempFile({ suffix: ".xml" }) : null;
  try {
    await before?.();
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : error}`);
    failures.push(name);
    return [0, 1];
  }
  const reporting = report === null ? [] : [`--junit-path=${report}`];
  const [verb, ...rest] = args;
  const command = new Deno.Command(Deno.execPath(), { args: [verb!, ...reporting, ...rest] });
  const { success } = counts ? await command.spawn().status : await atOnce(command);
  const [passed, failed] = report === null
    ? [Number(success), Number(!success)]
    : await counted(report, success);
  if (failed > 0 && report === null) failures.push(name);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${failed === 0 ? "✓" : "✗"} ${name}: ${passed} passed, ${failed} failed, ${seconds} s`);
  return [passed, failed];
}

/** Runs a command that is one of several at once: its output stays together. */
async function atOnce(command: Deno.Command): Promise<Deno.CommandStatus> {
  const { stdout, stderr, ...status } = await command.output();
  for (const bytes of [stdout, stderr]) {
    if (bytes.length > 0) console.log(new TextDecoder().decode(bytes).trimEnd());
  }
  return status;
}

/** Reads the totals of a JUnit report. A run that ended badly without a failed test is a failure all the same. */
async function counted(report: string, success: boolean): Promise<[number, number]> {
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  times.push(...timesIn(xml));
  const named = failedIn(xml);
  failures.push(...named.length > 0 || success ? named : ["a run ended badly, without a failed test"]);
  const total = (attribute: string) =>
    Number(xml.match(new RegExp(`<testsuites[^>]* ${attribute}="(\\d+)"`))?.[1] ?? 0);
  const failed = total("failures") + total("errors");
  const skipped = xml.split("<skipped").length - 1; // those that a filter left out
  return [total("tests") - failed - skipped, success ? failed : Math.max(1, failed)];
}

/** How long each test of a JUnit report took, its steps counted with it. */
function timesIn(xml: string): { name: string; seconds: number }[] {
  return [...xml.matchAll(/<testcase name="([^"]*)" classname="([^"]*)" time="([^"]*)"/g)]
    .map(([, name, file, time]) => ({ name: `${file}: ${plain(name!)}`, seconds: Number(time) }))
    .filter(({ name }) => !name.includes(" > "));
}

/** A long text without its middle. */
const ends = (text: string) => text.length < 1200 ? text : `${text.slice(0, 600)} … ${text.slice(-600)}`;

/** The failed tests in a JUnit report: file, name, and the error's beginning and end. */
function failedIn(xml: string): string[] {
  return xml.split("<testcase ").slice(1).flatMap((test) => {
    const message = test.match(/<(?:failure|error) message="([^"]*)"/)?.[1];
    if (message === undefined) return [];
    const [, name] = test.match(/\bname="([^"]*)"/) ?? [];
    const [, file] = test.match(/\bclassname="([^"]*)"/) ?? [];
    return [`${file}: ${plain(name ?? "")}\n    ${ends(plain(message)).replaceAll("\n", "\n    ")}`];
  });
}

const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", "#xA": "\n" };

/** The text of an XML attribute, without colors. */
function plain(attribute: string): string {
  const text = attribute.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
}

/** The steps that the arguments name. Flags after files go to `deno test`: `--filter NAME`. @throws {Error} */
async function asked(args: readonly string[]): Promise<(Step | Together)[]> {
  const [first = "all"] = args;
  if (wanted[first] && args.length <= 1) return wanted[first];
  const files = args.filter((arg) => /^(\.\/)?(tests|e2e)\//.test(arg));
  if (files.length === 0) {
    throw new Error(`expected ${Object.keys(wanted).join(", ")}, or files of tests/ or e2e/, found ${first}`);
  }
  for (const file of files) {
    await Deno.stat(file).catch(() => {
      throw new Error(`expected a file or folder of tests, found none at ${file}`);
    });
  }
  const browsers = files.some((file) => /^(\.\/)?e2e\//.test(file));
  // Processes and browsers are shared by the steps of their tests, which the sanitizers do not allow.
  const command = browsers ? test.filter((arg) => !arg.startsWith("--sanitize")) : test;
  const step = { name: files.join(", "), args: [...command, "--no-check", ...args], counts: true };
  return [browsers ? { ...step, before: findBrowsers } : step];
}

let steps: (Step | Together)[];
try {
  steps = await asked(Deno.args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
let [passed, failed] = [0, 0];
for (const step of steps) {
  const together = Array.isArray(step) ? step as Together : [step as Step];
  for (const [good, bad] of await Promise.all(together.map(run))) {
    passed += good;
    failed += bad;
  }
}
const slowest = times.filter(({ seconds }) => seconds >= slow.seconds).sort((a, b) => b.seconds - a.seconds);
if (slowest.length > 0) console.log("The slowest, s:");
for (const { name, seconds } of slowest.slice(0, slow.most)) console.log(`  ${seconds.toFixed(1)} ${name}`);
if (failures.length > 0) console.log(`Failed:\n${failures.map((failure) => `  ✗ ${failure}`).join("\n")}`);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
