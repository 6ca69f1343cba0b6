/** Processes that have nothing left to do end by themselves. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs a program beside this file. @returns What it said, its exit code, and how long it went on after its last word, ms. */
async function child(
  program: string,
  ...args: string[]
): Promise<{ said: string[]; code: number; exit: number }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", program, ...args],
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
  const { said, code, exit } = await child("relayed_child.ts", "websocket", "1");
  deepEqual(said, ["met websocket", "stopped"]);
  equal(code, 0);
  ok(exit < 3_000, `exited ${exit} ms after stop()`); // libp2p's last timers run out in up to 1 s
});

Deno.test("stop() after WebRTC leaves nothing that keeps a process, and WebRTC can begin again after it", async () => {
  const { said, code, exit } = await child("relayed_child.ts", "webrtc", "3");
  deepEqual(said, ["met webrtc", "met webrtc", "met webrtc", "stopped"]);
  equal(code, 0);
  // libp2p gives a new stream ten seconds and takes nothing back; on WebRTC that timer runs out by itself.
  ok(exit < 13_000, `exited ${exit} ms after stop()`);
});

Deno.test("stop() of a listener for WebRTC-direct that is still being asked for connections does not crash", async () => {
  const { said, code } = await child("asked_child.ts", "6");
  deepEqual([said, code], [Array(6).fill("asked, stopped and asked"), 0]);
});
