// A React app that holds a share: Vite finds the package's worker by itself.
import { createElement, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { createNode, newIdentity, parseRoster } from "@quorate/quorate";
import { browserTransport, indexedDbStore } from "@quorate/quorate/browser";

const identity = await newIdentity();
const message = new TextEncoder().encode("packed");
const numbers = (bytes) => [...bytes];

/** Joins the cluster of a roster, makes a key of each scheme, and signs. */
async function sign(rosterText) {
  const node = await createNode({
    identity,
    roster: parseRoster(rosterText),
    store: await indexedDbStore("quorate"),
    transport: browserTransport(),
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
  await node.stop();
  return signed;
}

function App() {
  const [shown, setShown] = useState("waiting");
  useEffect(() => {
    globalThis.sign = async (rosterText) => {
      const signed = await sign(rosterText);
      setShown(`signed: ${signed.map(({ scheme }) => scheme).join(", ")}`);
      return signed;
    };
  }, []);
  return createElement("p", { "data-peer": identity.peer }, shown);
}

createRoot(document.getElementById("root")).render(createElement(App));
