/**
 * How a page gets its node: a key of its own, made here and gone with the page; the roster, for the token in the
 * link's fragment; and a node that holds no share.
 * @module
 */
import { memoryStore, type NodeOptions, type QuorateNode } from "../../mod.ts";
import { ephemeralIdentity, joinCluster } from "../../src/browser.ts";
import { evidenceChecker } from "./evidence.ts";
import { type Connect, type Console, type DemoPort, NoInvitationError } from "./node_port.ts";
import { invitationPart } from "../text/session_link.ts";
import { pageTransport } from "./transport.ts";

/** What the others call a page. A number is added where the name is taken. */
const name = "Console";

/** @param startNode Starts a node, and says how its peers can be told to misbehave, where they can. */
export function connecting(
  startNode: (options: NodeOptions) => Promise<{ node: QuorateNode; demo: DemoPort | null }>,
): Connect {
  return async (tell): Promise<Console> => {
    tell({ step: "key" });
    const invitation = invitationPart(location.hash);
    if (invitation === "") throw new NoInvitationError();
    const identity = await ephemeralIdentity();
    tell({ step: "joining" });
    const { roster } = await joinCluster(invitation, identity, { name, transport: pageTransport() });
    const holders = roster.peers.filter(({ rights }) => rights.includes("holder")).map((peer) => peer.name);
    tell({ step: "starting", names: holders });
    const store = memoryStore();
    const { node, demo } = await startNode({
      identity,
      roster,
      store,
      transport: pageTransport(),
      approve: "roster",
    });
    return {
      node,
      curves: ["ed25519", "secp256k1"],
      demo,
      verifyEvidence: evidenceChecker(node),
    };
  };
}
