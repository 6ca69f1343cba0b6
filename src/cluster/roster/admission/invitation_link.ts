/**
 * An invitation to join a cluster, and its text in the fragment of a link.
 * @module
 */
import { base64urlnopad } from "@scure/base";
import * as v from "valibot";
import { InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";

/** The content of an invitation: where to ask, and the token to show. */
export interface Invitation {
  /** The cluster's id. The roster that comes back must be signed by it. */
  cluster: PeerId;
  /** The peer that holds the admin key. */
  peer: PeerId;
  /** The multiaddrs at which that peer can be dialled. */
  addresses: readonly string[];
  /** 16 bytes. */
  token: Uint8Array;
}

/** The reason for which an invitation admits nobody. */
export type InvitationProblem =
  /** It is no invitation. */
  | "malformed"
  /** It was used, is being used, was withdrawn, or is unknown to the peer that it names. */
  | "used"
  /** Its time is over. */
  | "expired"
  /** A person said no. */
  | "declined"
  /** The roster has no room. */
  | "full"
  /** The peer that it names is not there, or admits nobody at this time. */
  | "unanswered"
  /** The peer that answered is not of the cluster that it names. */
  | "other-cluster";

/** A problem with an invitation. Its field is `invitation`. */
export class InvitationError extends InputError {
  /** The reason for which the invitation admits nobody. */
  readonly why: InvitationProblem;

  /** Makes an error with its reason. */
  constructor(why: InvitationProblem, problem: string, options?: ErrorOptions) {
    super("invitation", problem, options);
    this.why = why;
  }
}

const invitationShape = v.strictTuple([
  v.literal("quorate/1"),
  v.string(),
  v.string(),
  v.array(v.string()),
  v.string(),
]);

/**
 * An invitation as text without blanks, for the fragment of a link, which browsers never send to a web
 * server.
 */
export function formatInvitation({ cluster, peer, addresses, token }: Invitation): string {
  const json = JSON.stringify(["quorate/1", cluster, peer, addresses, base64urlnopad.encode(token)]);
  return base64urlnopad.encode(new TextEncoder().encode(json));
}

/** The beginning of every invitation: `["quorate` in base64url. */
const beginning = "WyJxdW9yYXRl";
const anyInvitation = new RegExp(`${beginning}[\\w-]*`);

/**
 * The invitation in a text, as {@linkcode formatInvitation} wrote it, or null if there is none. The text may
 * be the whole link, and may have come through a mail program: blanks, line ends, soft line ends and
 * quotation marks are removed, and so is everything before and after the invitation, such as a bracket, a
 * full stop or `&`.
 */
export function invitationIn(text: string): string | null {
  return anyInvitation.exec(inOneLine(text))?.[0] ?? null;
}

/** A text as it was before a mail program broke its lines. */
export function inOneLine(text: string): string {
  return text
    .replace(/=\r?\n/g, "") // a soft line end (RFC 2045 §6.7)
    .replace(/[\r\n]+[> ]*/g, "") // a line end, and the mark of a quotation in the next line
    .replace(/[\s\p{Cf}]/gu, "");
}

/**
 * Reads the text of {@linkcode formatInvitation}, or the link that has it after #; see
 * {@linkcode invitationIn} for what else is accepted.
 *
 * @throws {InvitationError} `malformed`
 */
export function parseInvitation(text: string): Invitation {
  try {
    const json = new TextDecoder().decode(base64urlnopad.decode(invitationIn(text) ?? ""));
    const [, cluster, peer, addresses, token] = v.parse(invitationShape, JSON.parse(json));
    return { cluster, peer, addresses, token: base64urlnopad.decode(token) };
  } catch (cause) {
    const problem = "expected what follows # in an invitation's link, found something else";
    throw new InvitationError("malformed", problem, { cause });
  }
}
