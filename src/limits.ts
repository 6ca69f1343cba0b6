/**
 * Every number with its reason. Times in milliseconds, sizes in bytes.
 * @module
 */

/** What a node may be told to do otherwise. */
export interface Limits {
  /** From `open` to the terminal event of a link's key exchange. */
  linkMs: number;
  /** From `open` to the terminal event of a signing session. */
  signMs: number;
  /** From `open` to the terminal event of a key generation. */
  generateMs: number;
  /** Sessions this node takes part in at the same time. */
  sessions: number;
  /** Commands waiting at this node as their coordinator. */
  queued: number;
}

/** What a node does unless told otherwise. */
export const defaultLimits: Limits = {
  linkMs: 10_000, // two messages each way: ten seconds cover a phone on a bad network
  signMs: 15_000, // three round trips and a person's patience
  generateMs: 30_000, // four round trips, a store that syncs, and one slow laptop of sixteen
  sessions: 64, // 16 parties × 64 sessions = 1,024 streams at most, a few MB
  queued: 256, // at 20 signatures a second, 13 s of work: what waits longer is better refused
};

/**
 * What a key generation gets in addition for each other party of a key of secp256k1: 256 base OTs with each, 0.5 s of
 * processor without `node:crypto`; a phone may be five times as slow, and the machine may run several parties.
 */
export const setupMsPerPair = 10_000;

/** A round may take this part of its session's total: one silent peer is named before the whole time is gone. */
export const roundShare = 1 / 3;

/** Parties of a key. Sixteen keeps a key generation under its deadline in a browser. */
export const maxParties = 16;

/**
 * Keys that never became active, of which a node keeps the share: on secp256k1 one with 15 others takes 1.5 MB. When so
 * many are there, no new keys are made, for a share is never thrown away to make room.
 */
export const maxUnfinished = 64;

/** A frame, where its protocol says nothing else. */
export const maxFrame = 64 * 1024;

/** A frame that carries a command: 64 KiB of message and what is said about it. */
export const maxCommandFrame = 80 * 1024;

/** A frame of a session. The largest message, `correct` of an ECDSA signature, takes 65,914 bytes before it is signed and sealed. */
export const maxSessionFrame = 80 * 1024;

/** A message to be signed. */
export const maxMessage = 64 * 1024;

/** What a stranger may say when asking to join. */
export const maxJoinFrame = 256;

/** How long a stranger may take to say it. */
export const joinMs = 5_000;

/** Strangers connected at the same time while an invite is open. */
export const maxStrangers = 4;

/** An invitation's life: a week is a person's; the platform's timers reach 24 days. */
export const maxInviteMs = 7 * 24 * 3_600_000;

/** A peer that was taken out of the roster is told within this time, and hung up on. */
export const farewellMs = 1_000;

/** Inbound streams of one protocol on one connection: 64 sessions with room for those that are closing. */
export const maxInboundStreams = 512;

/**
 * Final verifications that failed within a day, with the same signers: so many quarantine a pair, or, where nobody can be
 * named, freeze the key. Honest peers never bring one about.
 */
export const freezeAfter = 3;
/** So many freeze the key whoever signed: a cheater among many cannot try three times less one with each set of signers. */
export const freezeAfterAny = 12;
export const freezeWithin = 24 * 60 * 60 * 1000;

/** A command lives at most this long: its id is kept until it is over. */
export const maxCommandAge = 600_000;

/** What a command gets if its initiator does not say otherwise: a person who is asked needs minutes, not seconds. */
export const defaultCommandAge = 300_000;

/** An initiator that has heard nothing for this long, while nobody is being asked, waits no more: a queue of 256 and one session. */
export const unheardMs = 60_000;

/** A coordinator says at a command's expiry who has not answered; its initiator waits that much longer for the word. */
export const afterExpiry = 1_000;

/** Questions that wait for a person at a node, and of these of one initiator: more than anybody reads are refused. */
export const maxAsking = 64;
export const maxAskingPerInitiator = 16;

/** Answers to one initiator's commands that a node keeps until these can no longer be let in. */
export const maxAnswersPerInitiator = 256;

/** How often somebody is asked about one command, whose coordinator gives up waiting and comes back. */
export const maxTimesAsked = 3;

/** Clocks of two peers may differ by this much. */
export const clockSkew = 120_000;

/** Starts that a store remembers of itself, each with the generation in which it began. */
export const startsKept = 128;

/** Boots of one peer of which a presence is kept to be shown to it. */
export const bootsShown = 8;

/** Bytes of a signed presence, which names 64 links, and of what it is wrapped in. */
export const maxPresence = 8 * 1024;

/** Ids are kept this long after expiry: twice the skew, so that no clock lets a command in twice. */
export const idsKeptAfterExpiry = 2 * clockSkew;

/** Command ids kept at the same time; when full, commands are refused, never forgotten. */
export const maxCommandIds = 100_000;

/** An accept that is not opened by then was no session. */
export const acceptLapses = 2_000;

/** Unopened accepts that one inviter may have; a coordinator keeps at most so many invites in the air. */
export const maxAcceptsPerInviter = 4;

/** How long a receiver of an abort lets its own checks look at the evidence before it reports hearsay. */
export const abortGrace = 200;

/** Warnings of one session, sender and code are counted for this long and told as one. */
export const warningWindow = 1_000;

/** The evidence of one failure: the largest message of a session, and what is needed to read it. */
export const maxEvidence = 128 * 1024;

/** Of that, what was shown: the rest is for a session's preimage and a key's certificate, some 10 KB each of 16 members. */
export const maxShown = 96 * 1024;
/** So many signed messages. */
export const maxShownItems = 64;

/** Evidence that a node keeps in memory, and as much again that it has fetched: the newest pieces, and their bytes. */
export const evidenceKept = 256;
export const evidenceBytes = 4 * 1024 * 1024;

/** Pieces of evidence that a node fetches at the same time: a person looks at one card after the other. */
export const evidenceFetches = 8;

/** The preimage of a session's id: its invite, its command and its accepts, some 10 KB of 16 members. */
export const maxPreimage = 16 * 1024;

/** Rosters that were in force and are kept, of some 20 KB each; those that keys of this node need are kept beyond it. */
export const maxPastRosters = 256;

/** Past rosters that one peer is asked for when it tells of its keys: the rest at the next meeting. */
export const rosterQuestions = 16;

/** Event batches that a node gossips in a second. */
export const batchesPerSecond = 10;

/**
 * Batches, and presences, of one peer that a node takes in a second and at once: twice what its node sends, for they may
 * come together after a pause of the network. More are neither shown nor passed on.
 */
export const toldPerSecond = 2 * batchesPerSecond;
export const toldAtOnce = 2 * toldPerSecond;

/** Batches of one peer that are known again when somebody repeats them: those of 100 s, if it sends as many as it may. */
export const batchesKept = 1_024;

/** An event batch. Gossip is flooded: small stays fast. */
export const maxBatch = 16 * 1024;

/** Between two questions of one kind to one peer: what it gossips makes a node ask, and must not decide how often. */
export const betweenQuestions = 1_000;

/** Questions of one peer that are answered at the same time: it has one of each kind under way, and a farewell. */
export const maxQuestions = 8;

/** Between two presences of an idle node. */
export const presenceEvery = 5_000;

/** After a link came up or went down: several do at once when a node starts. */
export const presenceAfterLink = 100;

/** First and last wait before a broken link or connection is tried again. */
export const retryFirst = 250;
export const retryLast = 15_000;

/** A draining node waits this long for its sessions. */
export const drainMs = 15_000;

/**
 * scrypt's work factor (log2 N, r = 8) for an identity kept in a browser: OWASP's recommendation for scrypt, 128 MiB.
 * In Chromium on a desktop 0.45 s, on a phone several times that; one more would want 256 MiB of a phone's tab.
 */
export const identityWorkFactor = 17;

/** For a backup, which lies elsewhere for years and is opened rarely: age's own default; 1.3 s in Chromium, 256 MiB. */
export const backupWorkFactor = 18;

/** Characters of a passphrase, at least: NIST SP 800-63B §3.1.1.2 asks for eight where it is not the only factor. */
export const minPassphrase = 8;

/** Quarantined pairs of one peer that others show. */
export const maxToldQuarantines = 256;

/** Keys of others that a node knows of: a wallet for each of 20,000 customers, and room. A certificate has some 3 kB. */
export const maxLearnt = 32_768;

/** Certificates in the answer to one question. Whoever has got as many asks for those after them. */
export const keysPerQuestion = 128;

/**
 * How long the members of a key may take, after it is active here, to sign that it is active there, ms: their votes are
 * on disk, and a slow disk writes once more.
 */
export const confirmMs = 5_000;
