import { equal, rejects } from "node:assert/strict";
import { optionalWebRtc } from "../../src/cli/webrtc.ts";

Deno.test("optionalWebRtc() says what to install where a package of WebRTC is missing, and nothing else of another error", async () => {
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  await rejects(optionalWebRtc(() => Promise.reject(missing)), {
    name: "InputError",
    field: "webrtc",
    message: /npm install @libp2p\/webrtc node-datachannel/,
    cause: missing,
  });
  const other = new Error("another");
  equal(await optionalWebRtc(() => Promise.reject(other)).catch((error) => error), other);
});
