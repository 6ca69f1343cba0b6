/**
 * The requests to join, listed and decided over the control socket.
 * @module
 */
import type { JoinRequest } from "../../../cluster/roster/admission/join_request.ts";
import type { Right } from "../../../cluster/records/rights.ts";
import { InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { QuorateNode } from "../../../node/api.ts";
import { comparedWords, isFourthWord } from "../../terminal/admit.ts";
import type { Performing } from "../performing.ts";
import type { RequestOf } from "../requests.ts";

/** A request to join, without the word that lets the peer in. */
export interface ListedRequest extends Omit<JoinRequest, "words"> {
  /** The first three of the four words, with a blank between each two. */
  words: string;
}

/** A peer that was let in. */
export interface Admitted {
  peer: PeerId;
  /** Its name in the roster: with a number, if the one that it asked for was taken meanwhile. */
  name: string;
  rights: readonly Right[];
  /** The version of the roster in force. */
  version: number;
}

/** The requests that wait for a decision, in the order in which they came. */
export const joining = (node: QuorateNode): ListedRequest[] => node.joining().map(listed);

const listed = ({ peer, name, rights, noes, words }: JoinRequest): ListedRequest => ({
  ...{ peer, name, rights, noes },
  words: comparedWords({ words }),
});

/**
 * Admits a peer, once the person has typed the word that is on the other screen alone. The comparison takes place here,
 * so that the word never leaves the node.
 *
 * @throws {InputError} `peer`, `word`
 */
export async function admit(
  { peer: wanted, word }: RequestOf<"admit">,
  { node, signal }: Performing,
): Promise<Admitted> {
  const request = requestOf(wanted, node);
  if (!isFourthWord(request, word)) {
    throw new InputError(
      "word",
      `expected the fourth word on the other screen, found “${word}”; if any word differs there, answer --no`,
    );
  }
  const { peer } = request;
  await node.admit(peer, { signal });
  const { peers, version } = node.roster;
  const { name, rights } = peers.find((known) => known.peer === peer) ?? request;
  return { peer, name, rights, version };
}

/** Refuses a peer. @throws {InputError} `peer` */
export function reject({ peer: wanted }: RequestOf<"reject">, node: QuorateNode): ListedRequest {
  const request = requestOf(wanted, node);
  node.reject(request.peer);
  return listed(request);
}

/** The request of a peer, by its id or its name. @throws {InputError} `peer`, if none has it, or several do. */
function requestOf(wanted: string, node: QuorateNode): JoinRequest {
  const all = node.joining();
  const named = all.filter(({ peer, name }) => peer === wanted || name === wanted);
  const [request] = named;
  if (request !== undefined && named.length === 1) return request;
  const open = (named.length > 1 ? named : all).map(({ peer, name }) => `${name} (${peer})`);
  const expected = named.length > 1 ? "the id of one that asks to join" : "one that asks to join";
  throw new InputError(
    "peer",
    `expected ${expected} (${open.join(", ") || "nobody does"}), found “${wanted}”`,
  );
}
