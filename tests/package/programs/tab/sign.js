// A tab that holds a share: its peer id is on the page, and `sign` is what a test calls.
import { createNode, newIdentity, parseRoster } from "@quorate/quorate";
import { indexedDbStore } from "@quorate/quorate/browser";

const identity = await newIdentity();
const message = new TextEncoder().encode("packed");
const numbers = (bytes) => [...bytes];

/** Joins the cluster of a roster, makes a key of each scheme, and signs. */
async function sign(rosterText, transport) {
  const node = await createNode({
    identity,
    roster: parseRoster(rosterText),
    store: await indexedDbStore("quorate"),
    transport,
    approve: "roster",
  });
  while ([...node.peers.values()].some(({ link }) => link !== "up")) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const signed = [];
  for (const scheme of ["ed25519", "ecdsa"]) {
    const key = await node.generateKey({ wallet: "treasury", scheme, threshold: 2 }).result;
    const signature = await node.sign({ wallet: "treasury", scheme, message }).result;
    signed.push({ scheme, publicKey: numbers(key.publicKey), signature: numbers(signature.bytes) });
  }
  const carriers = [...node.peers.values()].map(({ carrier }) => carrier.kind);
  await node.stop();
  return { signed, carriers };
}

/** Offers it to the test. */
export function offer(transport) {
  globalThis.sign = (rosterText) => sign(rosterText, transport);
  document.body.dataset.peer = identity.peer;
}
