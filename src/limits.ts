/**
 * The numbers that bound time, size or count in several places, each with its reason. Times in milliseconds, sizes in
 * bytes.
 *
 * A number that bounds one thing stands in the file of that thing. Outside the demonstration these are:
 *
 * - `cli/approval/terminal_approver.ts`: `codeLength`
 * - `cli/approval/webhook.ts`: `maxAnswer`
 * - `cli/approval/webhook_signature.ts`: `lengths`
 * - `cli/config.ts`: `longestWebhookMs`
 * - `cli/control/control_approver.ts`: `questionCodeBytes`
 * - `cli/control/operations/deal.ts`: `erasingMs` (until the shares of the epoch before are erased)
 * - `cli/control/operations/outcome.ts`: `askedAgainAfter`
 * - `cli/control/progress.ts`: `silentMs` (before a person reads what takes so long)
 * - `cli/control/server.ts`: `lastReplyMs` (of a node that has stopped)
 * - `cli/control/socket_path.ts`: `maxSocketPath`
 * - `cli/control/wait.ts`: `longestWaitMs`, `peersLookEvery` (until a command can be sent, or has had its effect)
 * - `cli/report.ts`: `toldBefore` (events from before the log is read)
 * - `cli/reach.ts`: `patienceMs` (until a peer that was never reached is logged)
 * - `cli/terminal/questions.ts`: `settlingMs` (what was typed before the first question)
 * - `cluster/commands/command_rows.ts`: `fullRow`, `sweptEachTime` (rows of commands on disk)
 * - `cluster/commands/command_server.ts`: `commandMs` (the first frame of a command), `waitingEvery`
 * - `cluster/commands/consent.ts`: `quickAnswerMs` (an answer, before a person counts as asked)
 * - `cluster/commands/coordinator.ts`: `busyWaits`
 * - `cluster/commands/coordinator/inviting.ts`: `proposals`, `partyLookEvery`, `turnLookEvery` (tries to bring a party
 *   together)
 * - `cluster/commands/coordinator/proposal.ts`: `maxRosters`, `goMarginMs`, `maxLapses`
 * - `cluster/commands/initiator.ts`: `resultMs`, `handlesKept`
 * - `cluster/commands/initiator/coordinators_in_turn.ts`: `mostGivenAgain`, `givenAgainEvery`
 * - `cluster/commands/initiator/outcome_question.ts`: `askedMs`
 * - `cluster/commands/initiator/earlier_command.ts`: `earlierLookEvery`
 * - `cluster/commands/initiator/member_results.ts`: `confirmLookEvery`
 * - `cluster/commands/initiator/remote_command.ts`: `withoutCoordinator`, `connectedLookEvery`, `coordinatorEndMs`
 * - `cluster/commands/invited/coordinator_turns.ts`: `rememberedMs`
 * - `cluster/commands/minutes.ts`: `minuteMs`, `closeBy`, `maxRanges` (ranges of minutes whose ids are forgotten)
 * - `cluster/commands/outcome/outcomes.ts`: `outcomesPerRow`, `laterMs`, `unreadBytes` (outcomes on disk)
 * - `cluster/commands/outcome/room.ts`: `freedAtOnce` (room for outcomes)
 * - `cluster/commands/replay_guard.ts`: `idsPerRow`, `readAtOnce`, `freedShare`, `rememberedAtLeast` (ids of commands)
 * - `cluster/commands/session_runner.ts`: `stopMs` (sessions of a node that stops)
 * - `cluster/events/event_log.ts`: `nodeMemory`, `sessionMemory`, `historiesKept` (events kept for readers)
 * - `cluster/keys/own_rows.ts`: `maxWithoutShare` (rows without a share)
 * - `cluster/keys/sync/key_sync.ts`: `maxRejected` (bad keys in answers)
 * - `cluster/keys/reported_bans.ts`: `maxPerPeer` (bans that one peer reports)
 * - `cluster/links/attempts.ts`: `notAcceptedKept`, `acceptedKeptMs`
 * - `cluster/links/dialler.ts`: `higherDialsAfter`, `dialledWaits`, `dialMs`, `betterLast`
 * - `cluster/links/hellos.ts`: `helloMs`
 * - `cluster/links/link_keys.ts`: `mostAnswers`, `answersWithin`, `higherBeginsAfter` (key exchanges)
 * - `cluster/links/link_secrets.ts`: `secretsKept`
 * - `cluster/links/session_streams.ts`: `crossingMs` (streams of attempts)
 * - `cluster/rollback/presence.ts`: `bootsKept`
 * - `cluster/rollback/restoration.ts`: `compareWithoutKeys` (peers to compare a restored store with)
 * - `cluster/roster/admission/admission.ts`: `mostDeclined`, `mostNoes`
 * - `cluster/roster/admission/invites.ts`: `invitesKept`
 * - `cluster/roster/admission/nonce_exchange.ts`: `spareNonces` (nonces of an invitation)
 * - `cluster/roster/peer_name.ts`: `longestName`
 * - `cluster/roster/roster.ts`: `maxPeers`
 * - `cluster/roster/roster_signer.ts`: `tries` (when another device signs the same version)
 * - `cluster/roster/roster_store.ts`: `conflictsKept`
 * - `cluster/roster/sync_question.ts`: `evidencePart`, `budgets` (answers to one question)
 * - `crypto/age/records.ts`: `ephemeralKeys`
 * - `crypto/cbor_heads.ts`: `maxNesting`, `maxValues`, `maxTextBytes` (what is built of bytes that a peer sends)
 * - `crypto/codec.ts`: `longestWalletName`
 * - `crypto/ed25519.ts`: `maxKeys` (keys whose order was checked)
 * - `crypto/known_points.ts`: `pointsKept`
 * - `identity/key_file.ts`: `maxKeyFile`
 * - `identity/peer_key.ts`: `maxImported` (peer keys that are kept)
 * - `keystore/backup/backup.ts`: `maxRecord`
 * - `keystore/backup/byte_streams.ts`: `piece`
 * - `keystore/key_certificate.ts`: `maxCertificate`
 * - `node/backups.ts`: `mostNamed` (keys of a backup)
 * - `node/assembly/ready.ts`: `readyLookEvery`
 * - `node/tab_life.ts`: `lookEvery`, `sleptMs`
 * - `package/process.ts`: `longest` (a program that the making of the package runs)
 * - `schemes/run/paced.ts`: `reportEvery`, `reportedFrom` (progress of a long computation)
 * - `session/closing_streams.ts`: `closingMs` (streams of a session that is over)
 * - `session/control.ts`: `maxOpen`
 * - `session/net.ts`: `leftTogetherMs`
 * - `session/session.ts`: `flushMs` (last frames)
 * - `session/messages/message_unsealer.ts`: `maxFrames`
 * - `session/wire.ts`: `maxEarly`, `longestMessages`
 * - `store/rules.ts`: `remembered` (deleted names)
 * - `store/sqlite.ts`: `lockMs` (another process that writes)
 * - `testing/test_cluster.ts`: `lookEveryMs` (until all are connected)
 * - `text/strength.ts`: `enoughLog10`, `measuredCharacters` (a passphrase)
 * - `transport/libp2p/gater.ts`: `automaticStreams`
 * - `transport/libp2p/gossip.ts`: `packet`, `topicBytes`
 * - `transport/libp2p/libp2p.ts`: `connectionManager`
 * - `transport/libp2p/opening.ts`: `maxLine`
 * - `transport/libp2p/peers.ts`: `pingEvery`, `askAgainAfter`, `closeTimeout`
 * - `transport/libp2p/ping.ts`: `pingStreams`, `pingTimeout`
 * - `transport/libp2p/relay.ts`: `maxReservations`, `reservationTtl`, `dataLimit`, `durationLimit`, `hopTimeout`,
 *   `maxHopStreams`
 * - `transport/libp2p/streams.ts`: `framesUnderWay`, `slack`
 * - `transport/memory/memory_gossip.ts`: `seenFor`, `mostSeen`
 * - `transport/webrtc/certificate.ts`: `lifetime`, `renewal`
 * - `transport/webrtc/native_webrtc.ts`: `candidateWait`, `candidatesWaitAtMost`
 * - `transport/webrtc/native_end.ts`: `closeWait`, `askedNoMore`, `lastEventsMs`
 * - `transport/websocket.deno.ts`: `maxPayload`, `openTimeout`
 *
 * @module
 */

/** The limits that a node's options may change. */
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
  /** The outcomes of commands are kept for who asked this long after the command has expired. */
  outcomesMs: number;
  /** The bytes of all of them on disk; beyond that the oldest go first. */
  outcomesBytes: number;
}

/** The limits of a node whose options change none. */
export const defaultLimits: Limits = {
  linkMs: 10_000, // two messages each way: ten seconds cover a phone on a bad network
  signMs: 15_000, // three round trips and a person's patience
  generateMs: 30_000, // four round trips, a store that syncs, and one slow laptop of sixteen
  sessions: 64, // 16 parties × 64 sessions = 1,024 streams at most, a few MB
  queued: 256, // at 20 signatures a second, 13 s of work: what waits longer is better refused
  outcomesMs: 7 * 24 * 3_600_000, // a client that went away on Friday has a long weekend
  outcomesBytes: 64 * 1024 * 1024, // some 40,000 signatures
};

/**
 * Additional time of an ECDSA key generation for each other party: 256 base OTs with each take 0.5 s of processor time
 * without `node:crypto`; a phone may be five times as slow, and one machine may run several parties.
 */
export const setupMsPerPair = 10_000;

/** The part of a session's time that one round may take: a silent peer is named before the whole time is gone. */
export const roundShare = 1 / 3;

/** Parties of a key. Sixteen keeps a key generation under its deadline in a browser. */
export const maxParties = 16;

/** Peers of one session: the dealers of a key's epoch and the members of the next, if no peer is both. */
export const maxSessionParty = 2 * maxParties;

/**
 * Keys that never became active and whose share a node keeps: an ECDSA key with 15 others takes 1.5 MB. At this number
 * no new keys are made, since a share is never thrown away to make room.
 */
export const maxUnfinished = 64;

/** A frame, unless its protocol has a limit of its own. */
export const maxFrame = 64 * 1024;

/** A frame that carries a command: its items, the signed command, and the invite around that. */
export const maxCommandFrame = 80 * 1024;

/** The outcome of a command as it is kept: the order as it came, the signed result, and the preimage of a session. */
export const maxOutcome = 2 * maxCommandFrame + 28 * 1024;

/** The failures before a session that a coordinator remembers of one initiator: some 500 small ones. */
export const unopenedBytesPerInitiator = 512 * 1024;

/** The same of all initiators. */
export const unopenedBytes = 16 * 1024 * 1024;

/** A frame with an outcome. */
export const maxOutcomeFrame = maxOutcome + 1024;

/** A frame of a session: the opening of a stream, with a go and its accepts; or a piece of a message, sealed. */
export const maxSessionFrame = 80 * 1024;

/**
 * A piece of a session's message: what ECDSA sends for one signature is one piece, and three are under way in a window of
 * `streamWindow`.
 */
export const maxPiece = 72 * 1024;

/**
 * The longest message of a session that makes `items` signatures, with its envelope: `correct` of ECDSA takes 65,914
 * bytes for each; the rest is for echoes (1.5 KB) and the envelope (300 bytes).
 */
export const maxSessionMessage = (items: number): number => 16 * 1024 + 67_000 * items;

/** A message to be signed, or all messages of one command together. */
export const maxMessage = 64 * 1024;

/**
 * Items of one command: a person who approves them can still look at each, and `correct` of ECDSA then takes 17 MB to each
 * other signer.
 */
export const maxItems = 256;

/** The encoded items of one command: their messages, and some 32 bytes of path, digest or options for each. */
export const maxItemsBytes = 72 * 1024;

/**
 * Additional time of a signature for each further item: ten times what a laptop takes, for a phone that runs other sessions
 * too. And for each other signer, if every pair multiplies: 66 kB of it then take 4 Mbit/s in a round's share of the time.
 */
export const itemMs = 40;
export const itemMsPerPair = 400;

/** Steps of all paths of one command together: each takes 0.3 ms, on the thread of a page too, before anybody is asked. */
export const maxSteps = 1024;

/** The note in a command, UTF-16 units. */
export const maxNote = 256;

/** The reference in a command, UTF-16 units. */
export const maxReference = 64;

/** The options of a scheme in a command: the largest, BIP-340's, take 63 bytes. */
export const maxOptions = 128;

/**
 * Multiplications of one ECDSA batch at one signer: its signatures times its other signers. Each sends and receives
 * 66 kB, so that all take 34 MB each way, and some 5 s of processor time.
 */
export const maxMultiplications = 512;

/**
 * Multiplications of all sessions under way at one node: each holds some 300 kB of messages while it runs, and a peer that
 * reads slowly makes it run long.
 */
export const maxMultiplicationsUnderWay = 2 * maxMultiplications;

/** The first round of a protocol in an accept: two points of secp256k1 and the fields around them. */
export const maxFirstRound = 128;

/** A signed accept. */
export const maxAccept = 512;

/** A stranger's frame when it asks to join. */
export const maxJoinFrame = 256;

/** One step of joining: a frame of the joiner, or the answer to it where no person is asked. */
export const joinMs = 5_000;

/** A stranger may be connected this long before it has asked to join. */
export const strangerMs = 5_000;

/** The first frame of an inbound stream, which says what the stream is for. */
export const firstFrameMs = 5_000;

/** A question to a peer with its whole answer; where it is answered, each frame. */
export const questionMs = 5_000;

/** Strangers connected at the same time while an invite is open. */
export const maxStrangers = 4;

/** An invitation's life: a week is a person's; the platform's timers reach 24 days. */
export const maxInviteMs = 7 * 24 * 3_600_000;

/** Time to tell a peer that it was removed from the roster; then the connection is closed. */
export const farewellMs = 1_000;

/** Bytes sent on a stream and not yet read: the least that yamux allows, three frames. It bounds what a stream over yamux buffers. */
export const streamWindow = 256 * 1024;

/**
 * The bytes after which an unread stream over WebRTC is reset (@libp2p/utils 7.4.1): a data channel has no way to slow its
 * sender down.
 */
export const dataChannelBuffer = 4 * 1024 * 1024;

/** Inbound streams of one protocol on one connection: 64 sessions with room for those that are closing. */
export const maxInboundStreams = 512;

/**
 * Final verifications that fail within `freezeWithin`, with the same signers, before a pair is quarantined or, where
 * nobody can be named, the key is frozen. Honest peers never cause one.
 */
export const freezeAfter = 3;
/** The same with any signers, before the key is frozen: a cheater cannot try twice with each set of signers. */
export const freezeAfterAny = 12;
export const freezeWithin = 24 * 60 * 60 * 1000;

/** Resharings of a key in which somebody cheats, within `freezeWithin`, before a node takes part in no more of them. */
export const failedResharings = 3;

/** The longest life of a command; its id is kept until it has expired. */
export const maxCommandAge = 600_000;

/** The life of a command unless its initiator chooses another: a person who is asked needs minutes, not seconds. */
export const defaultCommandAge = 300_000;

/** A node that has just started waits this long for enough peers: to sign with, or to answer what came of a command. */
export const findingMs = 5_000;

/** An initiator stops waiting after this time without an event, while no person is asked: a queue of 256 and a session. */
export const unheardMs = 60_000;

/** Additional time of an initiator after a command's expiry, when its coordinator reports who has not answered. */
export const afterExpiry = 1_000;

/** Questions that wait for a person at one node, and how many of one initiator: nobody reads more; others are refused. */
export const maxAsking = 64;
export const maxAskingPerInitiator = 16;

/** Answers to one initiator's commands that a node keeps until the commands have expired. */
export const maxAnswersPerInitiator = 256;

/** Times that a person is asked about one command, if its coordinator gives up and proposes it again. */
export const maxTimesAsked = 3;

/** The accepted difference between the clocks of two peers. */
export const clockSkew = 120_000;

/** Starts of its node that a store remembers, each with the generation in which it began. */
export const startsKept = 128;

/** Starts of one other peer of which a presence is kept, to be shown to that peer. */
export const bootsShown = 8;

/** A signed presence, which names up to 64 links, with its wrapping. */
export const maxPresence = 8 * 1024;

/** Command ids are kept this long after expiry: twice the skew, so that no clock accepts a command twice. */
export const idsKeptAfterExpiry = 2 * clockSkew;

/**
 * Ids are kept this many times as long as outcomes: who repeats an id in that time is told that its outcome was
 * forgotten, and no new session comes of it.
 */
export const idsKeptTimes = 4;

/**
 * Command ids kept at the same time. When full, the oldest are forgotten that no clock lets in any more, of the initiator
 * that has most; without any, commands are refused.
 */
export const maxCommandIds = 100_000;

/** A member's first answer to an invite: its accept, its no, or that a person is being asked. */
export const inviteMs = 2_000;

/** An accept that is not opened within this time was no session. */
export const acceptLapses = 2_000;

/** A question that no coordinator waits for any more is withdrawn after this time: the same command may come again at once. */
export const withdrawAfter = 2_000;

/** Unopened accepts of one inviter; a coordinator has at most this many invites under way. */
export const maxAcceptsPerInviter = 4;

/**
 * Bytes that the streams of accepts that are not opened yet may buffer until their sessions read them, of all inviters: by
 * the carrier of each stream, `streamWindow` or `dataChannelBuffer`. One session of the largest party, all of it over
 * WebRTC, takes 124 MiB.
 */
export const maxEarlyBytes = 128 * 1024 * 1024;

/** Time after an abort for this node's own checks of the evidence, before it reports the abort as hearsay. */
export const abortGrace = 200;

/** Warnings of one session, sender and code within this time are counted and emitted as one event. */
export const warningWindow = 1_000;

/**
 * The evidence of one failure: the messages that prove it, and what is needed to read them. It is sent in parts of 64 KiB.
 */
export const maxEvidence = 512 * 1024;

/**
 * The signed messages in it: of a batch of 256 with 16 signers, everyone's commitments (18 KB each) and shares (9 KB
 * each). Or one that is malformed, of any length that then fits. The rest is for a session's preimage
 * and a key's certificate, up to 36 KiB.
 */
export const maxShown = 448 * 1024;
/** The number of signed messages in it. */
export const maxShownItems = 64;

/** The newest pieces of evidence in memory, in number and bytes: of this node's own, and as much again that it fetched. */
export const evidenceKept = 256;
export const evidenceBytes = 4 * 1024 * 1024;

/** Pieces of evidence that a node fetches at the same time: a person opens one card after another. */
export const evidenceFetches = 8;

/** The preimage of a session id: its invite, its command and its accepts, some 10 KB for 16 members. */
export const maxPreimage = 24 * 1024;

/** Past rosters that are kept, of some 20 KB each; those that a key of this node needs are kept beyond this number. */
export const maxPastRosters = 256;

/** Past rosters that one peer is asked for when it announces keys; the rest when it connects the next time. */
export const rosterQuestions = 16;

/** Event batches that a node gossips per second. */
export const batchesPerSecond = 10;

/**
 * Batches, and presences, of one peer that a node accepts per second and in one burst: twice what a node sends, since
 * they may arrive together after a pause of the network. Others are neither shown nor passed on.
 */
export const reportsPerSecond = 2 * batchesPerSecond;
export const reportsAtOnce = 2 * reportsPerSecond;

/** Batches of one peer that are recognized when they are repeated: those of 100 s, at the highest rate. */
export const batchesKept = 1_024;

/** An event batch. Gossip is flooded, so batches are small. */
export const maxBatch = 16 * 1024;

/** Between two questions of one kind to one peer: its gossip makes a node ask, but does not decide how often. */
export const betweenQuestions = 1_000;

/** Questions of one peer that are answered at the same time: one of each kind, and a farewell. */
export const maxQuestions = 8;

/**
 * Questions of one peer for outcomes that are answered at the same time: as many as commands queue, since each that has
 * an id of its caller's choice asks first.
 */
export const maxOutcomeQuestions = 256;

/**
 * Turns of coordinators that one initiator has given and a node keeps in memory, for as long as an earlier order could be
 * let in (14 minutes), of commands that it has not carried out: one is given for a command whose coordinator was lost, or
 * whose id was asked for while a holder did not answer. That is 19 a second that others carry out, and takes 7 MB.
 */
export const maxTurnsGiven = 16_384;

/** Between two presences of an idle node. */
export const presenceEvery = 5_000;

/** A presence follows a change of links after this time: several links change together when a node starts. */
export const presenceAfterLink = 100;

/** The first and the longest wait before a broken link or connection is tried again. */
export const retryFirst = 250;
export const retryLast = 15_000;

/** A draining node waits this long for its sessions. */
export const drainMs = 15_000;

/**
 * scrypt's work factor (log2 N, r = 8) for an identity kept in a browser: OWASP's recommendation for scrypt, 128 MiB.
 * In Chromium on a desktop 0.45 s, on a phone several times that; one more would want 256 MiB of a phone's tab.
 */
export const identityWorkFactor = 17;

/** The same for a backup, which lies elsewhere for years and is rarely opened: age's default; 1.3 s in Chromium, 256 MiB. */
export const backupWorkFactor = 18;

/** The least characters of a passphrase: NIST SP 800-63B §3.1.1.2 asks for eight where it is not the only factor. */
export const minPassphrase = 8;

/** Quarantined pairs of one peer that other peers show. */
export const maxReportedQuarantines = 256;

/** Keys that a node knows and holds no share of: a wallet for each of 20,000 customers, and room. Each takes some 3 kB. */
export const maxLearnt = 32_768;

/** Certificates in the answer to one question. A peer that received this many asks for the next. */
export const keysPerQuestion = 128;

/** Time for the other members to confirm a key after it is active here: their votes are on disk, and a slow disk writes once more. */
export const confirmMs = 5_000;

/** A request on a control socket: 256 items whose messages, 64 KiB in all, are text with every character escaped. */
export const maxControlRequest = 512 * 1024;

/** A frame that a node sends on its control socket: the keys of some thousand wallets, at 3 kB each. */
export const maxControlReply = 16 * 1024 * 1024;

/** Clients of a control socket at the same time: one person's terminals and scripts; each may hold a session. */
export const maxControlClients = 16;
