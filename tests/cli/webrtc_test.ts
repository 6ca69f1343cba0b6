import { equal, rejects } from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { optionalWebRtc } from "../../src/cli/webrtc.ts";

const optional = ["@libp2p/webrtc", "node-datachannel", "@peculiar/x509", "reflect-metadata"] as const;

Deno.test("optionalWebRtc() says what to install where a package of WebRTC is missing, and nothing else of another error", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await rejects(optionalWebRtc(() => Promise.reject(missing)), {
    name: "InputError",
    field: "webrtc",
    message: "webrtc: expected its packages, found that one is not installed: run npm install " +
      optional.map((name) => manifest.imports[name].slice("npm:".length)).join(" "),
    cause: missing,
  });
  const other = new Error("another");
  equal(await optionalWebRtc(() => Promise.reject(other)).catch((error) => error), other);
});
