/**
 * The records of joining: the frames between a peer that asks and the node that holds the admin key.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, record, text, uint } from "../../../crypto/codec.ts";
import { longestName, wrongPeerName } from "../peer_name.ts";
import { joinNonceLength } from "./join_words.ts";

/** The first frame of the peer that asks. It does not decode with a name that no roster can have. */
export const joinRecord = record("quorate/3/join", {
  token: bytes(16),
  /** See `joinCommitment`. */
  commitment: bytes(32),
  name: v.pipe(text(longestName), v.check((name) => wrongPeerName(name) === null, "expected a name")),
});
export type JoinFrame = ReturnType<typeof joinRecord.decode>;

/**
 * The second and last frame of the peer that asks, before a person is asked: the nonce that it committed to.
 */
export const joinReveal = record("quorate/3/join-reveal", { nonce: bytes(joinNonceLength) });

/** The reasons for which a peer is not admitted. */
export type Rejection = "used" | "expired" | "declined" | "full";

/**
 * An answer to the peer that asks. `waiting` comes first if a person is to be asked, which happens as soon as
 * the peer reveals its nonce. After `joined`, the peer asks for the roster like any other peer.
 */
export const joinAnswer = record("quorate/3/join-answer", {
  state: v.picklist(["waiting", "joined", "used", "expired", "declined", "full"]),
  /** For `joined`: the roster's version. For `waiting`: how long the invitation lasts, ms. Else 0. */
  number: uint,
  /** For `waiting`: the nonce of the admitting side, 32 bytes. Else empty. */
  nonce: bytesUpTo(joinNonceLength),
});
export type JoinAnswer = ReturnType<typeof joinAnswer.decode>;
