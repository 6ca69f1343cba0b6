/**
 * The start of a watching page's node: it makes a key that lasts as long as the page, fetches the roster with the token
 * in the link's fragment, and runs a node that holds no share.
 * @module
 */
import { allSchemes } from "../text/schemes.ts";
import { memoryStore, newIdentity, type NodeOptions, type QuorateNode } from "../../mod.ts";
import { joinCluster } from "../../src/browser.ts";
import { evidenceChecker } from "./evidence.ts";
import { type Connect, type Console, type DemoPort, NoInvitationError } from "./node_port.ts";
import { invitationPart } from "../text/session_link.ts";
import { pageTransport } from "./transport.ts";

/** The page's name among the peers. A number is added if the name is taken. */
const name = "Console";

/** @param startNode Starts a node; in a demo it also returns the port for orders to misbehave. */
export function connecting(
  startNode: (options: NodeOptions) => Promise<{ node: QuorateNode; demo: DemoPort | null }>,
): Connect {
  return async (onStep): Promise<Console> => {
    onStep({ step: "key" });
    const invitation = invitationPart(location.hash);
    if (invitation === "") throw new NoInvitationError();
    const identity = await newIdentity();
    onStep({ step: "joining" });
    const { roster } = await joinCluster(invitation, identity, { name, transport: pageTransport() });
    const holders = roster.peers.filter(({ rights }) => rights.includes("holder")).map((peer) => peer.name);
    onStep({ step: "starting", names: holders });
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
      schemes: allSchemes,
      demo,
      verifyEvidence: evidenceChecker(node),
    };
  };
}
