/**
 * WebRTC for the command line, loaded on demand: its packages are optional, and one is native code.
 * @module
 */
import { InputError } from "../errors.ts";
import type { WebRtc } from "../webrtc.ts";
import { isCode } from "../platform/system_errors.ts";

const packages = "@libp2p/webrtc node-datachannel @peculiar/x509 reflect-metadata";

/** Loads WebRTC. @throws {InputError} `webrtc`, if a package is not installed. */
export async function optionalWebRtc(
  load: () => Promise<{ webrtc(): WebRtc }> = () => import("../webrtc.ts"),
): Promise<WebRtc> {
  try {
    return (await load()).webrtc();
  } catch (cause) {
    const missing = isCode(cause, "ERR_MODULE_NOT_FOUND");
    if (!missing) throw cause;
    const problem = `expected its packages, found that one is not installed: run npm install ${packages}`;
    throw new InputError("webrtc", problem, { cause });
  }
}
