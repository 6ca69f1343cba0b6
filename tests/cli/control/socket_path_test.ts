import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { InputError } from "../../../mod.ts";
import { asAddress, checkOwner, socketPath } from "../../../src/cli/control/socket_path.ts";

Deno.test("socketPath() is one for all paths that lead to one store, and needs no store to be there", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  assert.equal(await socketPath(`${dir}/shares.db`), `${dir}/shares.db.sock`);
  assert.equal(await socketPath(relative(".", `${dir}/shares.db`)), `${dir}/shares.db.sock`);
  await Deno.mkdir(`${dir}/there`);
  await Deno.writeTextFile(`${dir}/there/shares.db`, "");
  await Deno.symlink(`${dir}/there`, `${dir}/link`);
  assert.equal(await socketPath(`${dir}/link/shares.db`), `${dir}/there/shares.db.sock`);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("asAddress() takes the shorter of two paths, and refuses what no socket's address holds", () => {
  const deep = join(Deno.cwd(), "d".repeat(80), "shares.db.sock");
  assert.equal(asAddress(deep), `${"d".repeat(80)}/shares.db.sock`, "relative to the working directory");
  assert.equal(asAddress("/x/s"), "/x/s");
  assert.equal(asAddress(`/${"x".repeat(102)}`), `/${"x".repeat(102)}`, "103 bytes");
  const long = (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(
      error.message,
      /^store: expected a path that leaves room for a socket .*, found 104 bytes: \//,
    );
    return true;
  };
  assert.throws(() => asAddress(`/${"x".repeat(103)}`), long);
  assert.throws(() => asAddress(`/${"x".repeat(101)}é`), long, "bytes, not characters");
});

Deno.test("checkOwner() refuses the socket of another user than the store's", () => {
  checkOwner({ uid: 1000 }, { uid: 1000 }, "/s");
  assert.throws(
    () => checkOwner({ uid: 1001 }, { uid: 1000 }, "/s"),
    /^InputError: control: expected a socket of the store's owner \(user 1000\), found one of user 1001 at \/s$/,
  );
});
