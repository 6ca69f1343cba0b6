import assert from "node:assert/strict";
import { sshPublicKey } from "../../mod.ts";
import { runTool } from "./tool.ts";

Deno.test("sshPublicKey() is read by ssh-keygen", async () => {
  const publicKey = Uint8Array.fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"); // RFC 8032
  const dir = await Deno.makeTempDir();
  try {
    const line = sshPublicKey({ scheme: "ed25519", publicKey }, "treasury of Acme");
    await Deno.writeTextFile(`${dir}/key.pub`, `${line}\n`);
    const said = await runTool("ssh-keygen", ["-l", "-f", `${dir}/key.pub`]);
    assert.match(said, /^256 SHA256:\S+ treasury of Acme \(ED25519\)/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
