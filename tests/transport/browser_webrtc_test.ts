import { deepEqual, equal, notEqual } from "node:assert/strict";
import { browserWebRtc, type BrowserWebRtcOptions } from "../../src/transport/webrtc/browser_webrtc.ts";

/** The classes of a page's browser, new for each page. */
function classes() {
  return {
    RTCPeerConnection: class extends EventTarget {
      createDataChannel(label: string) {
        return { label };
      }
      setRemoteDescription() {
        return Promise.resolve();
      }
    },
    RTCDataChannel: class extends EventTarget {
      label = "";
      close() {}
    },
  };
}

const methodsOf = ({ prototype }: { prototype: object }) => Object.getOwnPropertyDescriptors(prototype);

/** Opens WebRTC twice in a page. @returns What its classes had before, after the first time, and after the second. */
async function opened(options: BrowserWebRtcOptions) {
  const page = classes();
  Object.assign(globalThis, page);
  const now = () => [page.RTCPeerConnection, page.RTCDataChannel].map(methodsOf);
  try {
    const states = [now()];
    for (let i = 0; i < 2; i++) {
      const found = await browserWebRtc(options).open({}, []);
      equal(found?.transports.length, 2);
      states.push(now());
    }
    return states;
  } finally {
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
  }
}

Deno.test("browserWebRtc({ patchPrototypes: false }) changes nothing of the page's own classes", async () => {
  const [before, ...after] = await opened({ patchPrototypes: false });
  for (const state of after) deepEqual(state, before);
});

Deno.test("browserWebRtc() works around the two defects in the page's classes, once", async () => {
  const [before, first, second] = await opened({});
  const changed = [["createDataChannel", "setRemoteDescription"], ["close"]];
  for (const [of, methods] of changed.entries()) {
    for (const method of methods) notEqual(first![of]![method]!.value, before![of]![method]!.value, method);
  }
  deepEqual(second, first);
});
