/**
 * WebRTC for the command line, loaded on demand: its packages are optional, and one is native code.
 * @module
 */
import { InputError } from "../errors.ts";
import type { WebRtc } from "../webrtc.ts";
import { isCode } from "../platform/system_errors.ts";

/** The optional packages, in the versions of `deno.json`: the package takes no other of the first two. */
const packages = "@libp2p/webrtc@6.0.33 node-datachannel@0.33.4 @peculiar/x509@2.2.0 reflect-metadata@0.2.2";

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
