/**
 * Which test shows what, by number of the threat catalogue.
 * @module
 */
import { negative, protocol, type Where } from "./coverage.ts";

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
  F36: [
    negative("ecdsa_ending", "two failures today and one of yesterday"),
    negative("ecdsa_quarantine", "goes on without who spoils"),
    negative("reshare_refused", "that refuses it, and the key is as it was"),
    {
      not:
        "a fresh member signs at once, there is no cooling-off: its failures are events, and count as anybody's do",
    },
  ],
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
  F42: [
    protocol("reshare", "between any sets and thresholds"),
    protocol("deal", "exactly t' coefficients"),
    negative("reshare_dealing", "the threshold, with the right constant term"),
    negative("reshare_refused", "A command for a resharing is carried out as it is asked for"),
  ],
  F43: [protocol("sign_frost", "sends another's share as its own"), [
    "tests/session/wire_test.ts",
    "not authentically of this session",
  ]],
  F44: [
    negative("reshare_votes", "votes to one peer only ends with"),
    negative("reshare_votes", "and both die, leaves the epoch in use"),
    negative("reshare_commit", "names who votes for another key"),
    negative("reshare_commit", "names who releases the epoch twice"),
    negative("reshare_commit", "shows a fork where a certificate comes late"),
    negative("reshare_crash", "dies, ${then} of any write"),
    negative("reshare_cancel", "ends with one epoch everywhere"),
    negative("votes", "says yes to one and no to another"),
  ],
  F45: [
    protocol("deal", "another constant term than its weighted share"),
    protocol("deal", "or for the old identifier"),
    negative("reshare_dealing", "another constant term, who is consistent"),
    negative("reshare_dealing", "dealt one bad share to one of them"),
    negative("reshare_dealing", "confirms another outcome"),
  ],
  F46: [
    protocol("reshare", "shares of two epochs do not combine"),
    negative("reshare", "old shares are erased"),
    negative("reshare_refused", "never one that names a retired epoch"),
    negative("reshare_restored", "is told as retired, and its share is erased"),
  ],
  F47: [
    protocol("deal_input", "refuses dealers that are not exactly t"),
    protocol("deal_input", "refuses recipients and thresholds that make no key"),
    negative("reshare_absent", "naming it as missing, and the key is as it was"),
    ["tests/cluster/commands/reshare_command_test.ts", "names the field of a resharing that cannot be"],
    ["tests/cluster/commands/reshare_command_test.ts", "covers exactly the resharing"],
  ],
  F48: [
    negative("reshare_ends", "is paused after some in which somebody cheated"),
    negative("reshare_paused", "cheated three times within a day"),
    negative("reshare_dealing", "another constant term, who is consistent"),
    negative("reshare_apart", "that fails leaves ban, quarantine and freeze"),
  ],
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
