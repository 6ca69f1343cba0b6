/**
 * Which test shows what: by number of the threat catalogue, and by code. A test is a file and a part of its name.
 * @module
 */
import type { FailureCode, WarningCode } from "../../src/failure.ts";

export type Where = readonly [file: string, name: string] | { readonly not: string };

const negative = (file: string, name: string): Where => [`tests/negative/${file}_test.ts`, name];
const protocol = (file: string, name: string): Where => [`tests/protocol/${file}_test.ts`, name];

/** The threats that this slice answers for. */
export const threats: Readonly<Record<string, readonly Where[]>> = {
  F01: [
    negative("encoding", "hash() tells lists apart"),
    negative("encoding", "record() decodes nothing but"),
  ],
  F02: [negative("generate", "brings its proof and its polynomial from another session")],
  F03: [negative("generate", "waits for another's promise, copies it")],
  F04: [
    ["tests/crypto/dlog_proof_test.ts", "takes its challenge from"],
    negative("generate", "cannot prove to know its secret"),
  ],
  F05: [["tests/crypto/dlog_proof_test.ts", "when anything that it reads is changed"]],
  F06: [
    negative("encoding", "readSigned() reads a signature over one type"),
    negative("encoding", "a tag of its own"),
  ],
  F08: [negative("command", "a member twice"), negative("codes", "Bad input is refused")],
  F09: [negative("invite", "a member twice"), negative("command", "a member twice")],
  F10: [
    negative("generate", "the threshold, consistently"),
    protocol("generate", "high coefficients would cancel out"),
  ],
  F11: [negative("generate", "a polynomial without coefficients")],
  F12: [
    negative("sign", "any element or scalar that is none"),
    protocol("generate", "no element of prime order"),
  ],
  F13: [negative("sign", "any element or scalar that is none"), [
    "tests/crypto/group_test.ts",
    "decodeElement() refuses",
  ]],
  F14: [
    negative("sign", "any element or scalar that is none"),
    protocol("sign_frost", "adds a torsion point"),
  ],
  F15: [negative("sign", "any element or scalar that is none"), protocol("generate", "what is no scalar")],
  F16: [
    negative("generate", "a root at a member"),
    protocol("generate", "no error of its own for any flipped bit"),
  ],
  F17: [
    negative("hostile", "A wallet's name changes neither"),
    protocol("generate", "named like parts of Object"),
  ],
  F18: [
    negative("ecdsa_no_ban", "what does not decode: lengths, points, scalars"),
    negative("first_round", "accepts with what is no first round"),
    protocol("sign_ecdsa", "a field that is too short, too long or empty"),
    protocol("setup_ecdsa", "too few or too many base OTs"),
    ["tests/crypto/dkls/base_ot_test.ts", "takes 256 points and nothing else"],
  ],
  F19: [
    negative("generate", "opens another commitment than promised"),
    protocol("generate", "cancels the others out"),
  ],
  F20: [negative("generate", "dealt one bad share to one of them")],
  F21: [
    negative("generate", "tells two stories in the reveal round"),
    negative("ecdsa_promise", "opens another nonce than it has promised"),
  ],
  F22: [negative("generate", "another part of the chain code"), negative("generate", "confirms another key")],
  F24: [
    negative("ecdsa_ban", "any of the three checks"),
    negative("ecdsa_ban", "on disk before anyone hears"),
    negative("ecdsa", "bans who tampers"),
    negative("ecdsa_store", "when a ban cannot be written"),
    negative("ecdsa_store", "erases a banned pair at the next start"),
    negative("ecdsa_quorum", "a party without the pair"),
    ["tests/worker/ecdsa_test.ts", "even if the run was ended in that moment"],
  ],
  F25: [
    negative("ecdsa_no_ban", "honest but confused peer"),
    protocol("sign_ecdsa", "bans nobody when the signers are not about the same"),
    protocol("sign_ecdsa", "one has the OT state of another set-up"),
  ],
  F26: [
    negative("ecdsa_ban", "any of the three checks"),
    protocol("sign_ecdsa", "sends one signer's correction to another"),
    protocol("sign_ecdsa", "have different seeds"),
  ],
  F27: [negative("ecdsa_request", "there is no presigning")],
  F28: [
    negative("ecdsa_request", "one digest under two paths"),
    negative("command", "any field of them is changed"),
  ],
  F29: [
    negative("ecdsa_request", "what is no digest"),
    negative("ecdsa_request", "shows who approves the message"),
    negative("ecdsa_no_ban", "honest but confused peer"),
    protocol("sign_frost", "when the signers sign different messages"),
    negative("invite", "is not what its command"),
  ],
  F30: [
    negative("ecdsa_ending", "with a low s, a recovery"),
    protocol("sign_ecdsa_property", "three verifiers take it"),
    protocol("sign_ecdsa", "without a hint about low s"),
    protocol("sign_ecdsa", "an s that the last signer has turned round"),
  ],
  F31: [
    negative("ecdsa_ending", "who ends badly if there is only one other"),
    protocol("sign_ecdsa", "a denominator that the last signer made 0"),
  ],
  F32: [
    negative("ecdsa_request", "other than t signers"),
    negative("ecdsa_request", "other than t members, a stranger"),
    negative("ecdsa_quorum", "a party without the pair"),
  ],
  F33: [
    protocol("sign_ecdsa_property", "any number of zeros"),
    negative("sign", "signs any message as it is"),
  ],
  F34: [["tests/crypto/dkls/sources_test.ts", "no Paillier encryption"], [
    "tests/layers_test.ts",
    "no Paillier encryption, anywhere",
  ]],
  F35: [
    negative("ecdsa_ending", "three today do"),
    negative("ecdsa", "key-frozen until it is thawed"),
  ],
  F36: [negative("ecdsa_ending", "two failures today and one of yesterday"), {
    not:
      "no resharing yet brings fresh members: what there is are the events of each failure, bans() and frozen keys",
  }],
  F37: [
    ["tests/crypto/frost_test.ts", "signShare() works once"],
    protocol("sign_frost", "fresh nonces for every signature"),
    negative("go", "a member draws once for an attempt"),
  ],
  F38: [["tests/crypto/frost_test.ts", "reproduce RFC 9591"]],
  F39: [
    ["tests/crypto/frost_test.ts", "refuses a list without its own commitment"],
    negative("go", "signs two of one attempt"),
    negative("sign", "shows another accept of its own"),
  ],
  F40: [negative("sign", "names two forgers")],
  F41: [protocol("sign_frost", "gives every signer the same Ed25519 signature"), [
    "tests/crypto/ed25519_test.ts",
    "judges every crafted signature as it is",
  ]],
  F43: [protocol("sign_frost", "sends another's share as its own"), [
    "tests/session/wire_test.ts",
    "not authentically of this session",
  ]],
  F49: [["tests/session/wire_test.ts", "not authentically of this session"]],
  F50: [negative("encoding", "no share in the clear"), [
    "tests/worker/vault_test.ts",
    "lets neither the share nor",
  ]],
  F51: [["tests/session/wire_test.ts", "another session, direction, or number"], [
    "tests/crypto/x25519_test.ts",
    "directionKey() differs",
  ]],
  F52: [negative("stranger", "a thousand junk frames")],
  F53: [
    negative("link", "a key of low order"),
    negative("link", "no hello twice"),
    negative("link", "a wrong confirmation"),
  ],
  F54: [
    negative("session", "true messages of the peer it accuses"),
    negative("sign", "accuses another falsely"),
    negative("generate", "dealt one bad share"),
  ],
  F55: [negative("hostile", "A wallet's name changes neither")],
  N1: [
    ["tests/session/wire_test.ts", "not authentically of this session"],
    negative("stranger", "reaches no protocol"),
  ],
  N2: [
    negative("session", "says two things in one place"),
    negative("sign", "repeats old messages"),
    negative("go", "is in another session, and shows no go"),
    negative("go", "mixes two attempts, is somebody else's, or lacks"),
  ],
  N3: [
    negative("stranger", "sessions that are over"),
    negative("go", "is not accepted again after it lapsed"),
    ["tests/session/wire_test.ts", "a frame that comes twice"],
  ],
  N4: [negative("session", "a round that is not due")],
  N5: [negative("result", "only what they signed of themselves"), negative("generate", "tells two stories")],
  N6: [negative("generate", "who is silent from round"), negative("sign", "slow but in time")],
  N7: [
    negative("stranger", "with few words"),
    negative("session", "a message that is too long"),
    ["tests/transport/frames_test.ts", ""],
  ],
  N8: [
    negative("sign", "for any flipped bit of any message"),
    negative("encoding", "throws nothing but TypeError"),
  ],
  N10: [negative("stranger", "reaches no protocol")],
  N12: [
    negative("commit", "loses no key when a process dies"),
    ["e2e/kill_test.ts", ""],
    ["e2e/kill_reshare_test.ts", ""],
    ["e2e/kill_client_test.ts", ""],
  ],
  N13: [negative("commit", "cannot write its share")],
  N14: [["tests/store/sealed_test.ts", "if any of its bytes is another"], [
    "tests/keystore/share_record_test.ts",
    "any byte changed",
  ]],
  N15: [negative("commit", "while the store cannot say whether it is taken")],
  N16: [negative("commit", "at most one of two at once")],
  N17: [{ not: "one command makes one key on one scheme: there is no wallet of which a half could fail" }],
  N18: [negative("session", "what comes after its end")],
  N19: [negative("clock", "minutes off"), negative("clock", "a leap in the middle")],
  N24: [negative("hostile", "A wallet's name changes neither"), [
    "tests/failure_test.ts",
    "no name, wallet or round change",
  ]],
  N28: [negative("reader", "nothing is unhandled"), negative("reader", "Cancelling any stream")],
  N29: [negative("reader", "asleep during 10,000 warnings"), [
    "tests/cluster/events/feed_test.ts",
    "a stream that nobody reads",
  ]],
  N30: [negative("link", "a restarted peer is linked again")],
  N31: [negative("command", "any field of them is changed"), negative("command", "carried out once")],
  N32: [negative("result", "believes no result that does not verify")],
};

/** What provokes each code. */
export const codes: Readonly<Record<FailureCode, Where>> = {
  "malformed-message": negative("sign", "who sends garbage"),
  "unexpected-round": negative("session", "a round that does not exist"),
  "equivocation": negative("generate", "tells two stories"),
  "invalid-commitment": negative("generate", "opens another commitment"),
  "invalid-proof": negative("generate", "cannot prove"),
  "invalid-dealt-share": negative("generate", "dealt one bad share"),
  "invalid-signature-share": negative("sign", "a forged share"),
  "invalid-confirmation": negative("generate", "confirms another key"),
  "invalid-multiplication": negative("ecdsa", "bans who tampers"),
  "unanswered": negative("consent", "nobody answered"),
  "round-timeout": negative("generate", "who is silent"),
  "peer-left": negative("sign", "who crashes"),
  "not-enough-peers": negative("codes", "not-enough-peers"),
  "link-lost": negative("codes", "link-lost"),
  "restored": negative("rollback", "no session before it was compared"),
  "wallet-pending": negative("commit", "leaves a key pending"),
  "aborted-by-peer": negative("session", "accuses"),
  "declined": negative("roster", "is declined with roster-mismatch"),
  "session-mismatch": negative("command", "threshold 1"),
  "roster-mismatch": negative("invite", "a roster of the past"),
  "epoch-mismatch": negative("invite", "another epoch"),
  "result-rejected": negative("codes", "does not let out a signature"),
  "cancelled": negative("session", "ends with cancelled"),
  "expired": negative("command", "too long"),
  "clock-skew": negative("clock", "minutes off"),
  "not-authorized": negative("command", "another cluster"),
  "replayed-command": negative("invite", "carried out before"),
  "id-reused": negative("invite", "carried out before"),
  "outcome-forgotten": negative("outcome", "outcome-forgotten"),
  "outcome-unknown": negative("takeover_split", "ends with outcome-unknown"),
  "other-coordinator": negative("takeover", "no later one that the initiator has not named"),
  "unknown-wallet": negative("command", "an unknown wallet"),
  "wallet-exists": negative("command", "a taken name"),
  "wallet-busy": negative("commit", "at most one of two at once"),
  "too-many-unfinished": negative("votes", "refuses new keys when it keeps too many"),
  "key-frozen": negative("ecdsa", "key-frozen until it is thawed"),
  "resharing-paused": negative("reshare_paused", "resharing-paused, until the operator"),
  "pair-quarantined": negative("ecdsa_quarantine", "goes on without who spoils"),
  "peer-banned": negative("ecdsa", "bans who tampers"),
  "store-failed": negative("commit", "cannot write its share"),
  "store-locked": negative("lock", "ends sessions under way with store-locked"),
  "share-corrupt": negative("codes", "share-corrupt"),
  "overloaded": negative("codes", "overloaded at once"),
  "shutdown": negative("codes", "shutdown"),
  "suspended": negative("codes", "suspended"),
  "internal": negative("codes", "internal"),
};

export const oddities: Readonly<Record<WarningCode, Where>> = {
  "clock-difference": negative("clock", "up between clocks"),
  "unauthentic-frame": negative("stranger", "reaches no protocol"),
  "foreign-frame": ["tests/session/wire_test.ts", "not authentically of this session"],
  "unknown-session": negative("stranger", "sessions that nobody knows"),
  "replayed-frame": ["tests/session/wire_test.ts", "a frame that comes twice"],
  "late-message": negative("stranger", "sessions that are over"),
  "oversized-frame": negative("stranger", "with few words"),
  "rejected-hello": negative("link", "no hello twice"),
};
