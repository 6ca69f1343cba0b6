/**
 * The stock age tool with a person before it: it takes a passphrase from a terminal only, so it is given one. Not a
 * test by itself.
 * @module
 */
import { findAge } from "./age_tool.ts";

/** What `age --decrypt FILE` gives to who types `passphrase`. @throws {Error} If it refuses. */
export async function decryptByHand(file: string, passphrase: string): Promise<Uint8Array> {
  const age = await findAge();
  const out = await Deno.makeTempFile();
  try {
    // util-linux's script makes the terminal, and types what it reads.
    const command = [age, "--decrypt", "--output", out, file].map((word) => `'${word}'`).join(" ");
    const child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--log-out", "/dev/null", "--command", command],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const typing = child.stdin.getWriter();
    const shown = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("assphrase")) {
      const { value, done } = await shown.read();
      if (done) throw new Error(`age asked for nothing: ${said}`);
      said += value;
    }
    await typing.write(new TextEncoder().encode(`${passphrase}\n`));
    for (let next = await shown.read(); !next.done; next = await shown.read()) said += next.value;
    await typing.close().catch(() => {}); // it is gone already
    if (!(await child.status).success) throw new Error(`age refused: ${said}`);
    return await Deno.readFile(out);
  } finally {
    await Deno.remove(out);
  }
}
