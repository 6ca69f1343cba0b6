import assert from "node:assert/strict";
import { parseRoster, signRoster } from "../../mod.ts";
import { replaceFile } from "../../src/cli/files.ts";
import { rosterFile } from "../../src/cli/setup/roster_file.ts";
import { InputError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";

const admin = await newIdentity(platformRandom);
const { peer } = await newIdentity(platformRandom);
const roster = await signRoster(admin, [{ peer, name: "Alice", addresses: [], rights: ["holder"] }], null);

/** A disk that refuses with a code of the system. */
const refusing = (code: string) => () => {
  const cause = Object.assign(new Error(code), { code });
  return Promise.reject(
    new InputError("roster", `expected a file that can be written, found ${code}`, { cause }),
  );
};

Deno.test("rosterFile() replaces the file with the newer roster", async () => {
  const path = await Deno.makeTempFile();
  const keep = rosterFile(path, { isReadOnly: () => assert.fail("it can be written"), replace: replaceFile });
  await keep(roster);
  assert.deepEqual(parseRoster(await Deno.readTextFile(path)), roster);
  await Deno.remove(path);
});

Deno.test("rosterFile() says so, and is no fault, on a read-only disk; any other trouble is one", async () => {
  const versions: number[] = [];
  const isReadOnly = (version: number) => void versions.push(version);
  await rosterFile("roster.json", { isReadOnly, replace: refusing("EROFS") })(roster);
  assert.deepEqual(versions, [1]);
  for (const code of ["EACCES", "ENOSPC", "EBUSY", "EIO"]) {
    await assert.rejects(rosterFile("roster.json", { isReadOnly, replace: refusing(code) })(roster), {
      message: new RegExp(code),
    });
  }
  assert.deepEqual(versions, [1]);
});
