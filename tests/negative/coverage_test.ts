import assert from "node:assert/strict";
import { failures, warnings } from "../../src/failure.ts";
import { codes, oddities, type Where } from "./coverage.ts";
import { threats } from "./coverage_threats.ts";

const root = new URL("../../", import.meta.url);

async function assertThere(what: string, where: Where): Promise<void> {
  if ("not" in where) return assert.ok(where.not.length > 20, `${what}: a reason`);
  const [file, name] = where;
  const source = await Deno.readTextFile(new URL(file, root));
  assert.ok(source.includes("Deno.test"), `${what}: ${file} has tests`);
  assert.ok(source.includes(name), `${what}: ${file} has no test “… ${name} …”`);
}

Deno.test("coverage: every threat of this slice has its tests, and they exist", async () => {
  for (const [number, where] of Object.entries(threats)) {
    assert.ok(where.length > 0, number);
    for (const one of where) await assertThere(number, one);
  }
});

Deno.test("coverage: every failure and every warning has a test that provokes it, or a reason why none can", async () => {
  assert.deepEqual(Object.keys(codes).sort(), Object.keys(failures).sort());
  assert.deepEqual(Object.keys(oddities).sort(), Object.keys(warnings).sort());
  for (const [code, where] of [...Object.entries(codes), ...Object.entries(oddities)]) {
    await assertThere(code, where);
  }
});

Deno.test("coverage: a code that is said to be impossible is thrown nowhere in what a node runs", async () => {
  const impossible = Object.entries(codes).filter(([, where]) => "not" in where).map(([code]) => code);
  async function look(folder: URL): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const file = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await look(file);
      else {
        const source = await Deno.readTextFile(file);
        for (const code of impossible) assert.ok(!source.includes(`"${code}"`), `${file.pathname}: ${code}`);
      }
    }
  }
  for (const room of ["session", "cluster", "keystore", "worker", "node"]) {
    await look(new URL(`src/${room}/`, root));
  }
});
