/** Processes that have nothing left to do end by themselves. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs `relayed_child.ts`. @returns What it said, its exit code, and how long it went on after its last word, ms. */
async function child(...args: string[]): Promise<{ said: string[]; code: number; exit: number }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "relayed_child.ts", ...args],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const tooLong = setTimeout(() => process.kill("SIGKILL"), 60_000);
  let said = "";
  let last = performance.now();
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    last = performance.now();
  }
  const { code } = await process.status;
  clearTimeout(tooLong);
  return { said: said.trim().split("\n"), code, exit: performance.now() - last };
}

Deno.test("stop() of a relay that has served leaves nothing that keeps its process", async () => {
  const { said, code, exit } = await child("websocket", "1");
  deepEqual(said, ["met websocket", "stopped"]);
  equal(code, 0);
  ok(exit < 3_000, `exited ${exit} ms after stop()`); // libp2p's last timers run out in up to 1 s
});

Deno.test("stop() after WebRTC leaves nothing that keeps a process, and WebRTC can begin again after it", async () => {
  const { said, code, exit } = await child("webrtc", "3");
  deepEqual(said, ["met webrtc", "met webrtc", "met webrtc", "stopped"]);
  equal(code, 0);
  // libp2p gives a new stream ten seconds and takes nothing back; on WebRTC that timer runs out by itself.
  ok(exit < 13_000, `exited ${exit} ms after stop()`);
});
