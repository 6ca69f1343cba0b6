/**
 * What each cell of the table must give.
 * @module
 */
import type { FailureCode } from "../../src/failure.ts";
import { isCheat } from "./cells.ts";
import { isFar } from "./leap.ts";
import { coordinates, peopleThink, type Schedule } from "./schedule.ts";

export type Outcome = "done" | FailureCode;

export interface Expected {
  /** What an honest member may end with, if it took part at all. */
  members: readonly Outcome[];
  /** What the one ends with whom the fault hits; default as the others. */
  victim?: readonly Outcome[];
  /** Codes of which at least one honest member, or whoever asked, must report one. */
  seen?: readonly Outcome[];
  /** What whoever asked gets. */
  result: "success" | "failure" | "either";
  /** Whether everyone who says who is missing says exactly this. */
  missing?: string;
  /** Of whom nothing is to be expected: it cheats, or is not there. */
  not: string | null;
}

const isAccept = ({ phase }: Schedule) => phase === "key accept" || phase === "sign accept";

const left: readonly Outcome[] = ["round-timeout", "peer-left", "aborted-by-peer"];

export function expected(s: Schedule): Expected {
  if (isCheat(s)) return { ...cheated(s), not: s.faulty };
  switch (s.fault) {
    case "delay":
    case "duplicate":
    case "reorder":
      return success(s);
    case "silence":
    case "crash":
    case "restart":
      return { ...gone(s), not: s.faulty };
    case "rollback":
      return { ...wentBack(s), not: s.faulty };
    case "clock":
      return { ...leapt(s), not: null };
    case "partition":
      return { ...gone(s), not: null };
    case "store":
      return stored(s);
    case "again":
      return { members: ["done"], result: "success", not: null };
    case "foreign":
      return { members: ["done"], result: "either", not: s.initiator };
    default:
      return { ...lost(s), not: null };
  }
}

/** Frames that a stream cannot bring twice; who sends them twice has broken its stream. */
function success(s: Schedule): Expected {
  const opening = ["invite", "go", "open", "link hello"].includes(s.phase) || isAccept(s);
  if (s.fault === "duplicate" && opening) {
    const members: Outcome[] = ["done", "link-lost", ...left];
    return { members, result: "either", not: null };
  }
  return { members: ["done"], result: "success", not: null };
}

/** One frame did not come, or not as it was sent, or when it was over. */
function lost(s: Schedule): Expected {
  const code: Outcome[] = s.fault === "corrupt" ? ["link-lost"] : ["round-timeout"];
  if (s.fault === "drop") code.push("link-lost"); // the next frame of the stream shows the gap
  // Who has sent its last message is done, and leaves: the message is missed before its time is over.
  const last: Outcome[] = [...code, "peer-left"];
  const others: Outcome[] = ["aborted-by-peer", "round-timeout"];
  switch (s.phase) {
    case "link hello":
    case "link confirm":
      return { members: ["done", "link-lost", ...left], result: "success", not: null };
    case "command":
      // The coordinator hangs up on what does not come whole, and gets the order again: it is there, and knows of nothing.
      return { members: ["done"], result: "success", not: null };
    case "invite":
      // Where a person is asked, the frame may be the word that it takes longer, which nobody needs.
      if (peopleThink(s)) return { members: ["not-enough-peers", "done"], result: "either", not: null };
      return { members: ["not-enough-peers"], seen: ["not-enough-peers"], result: "failure", not: null };
    case "key accept":
    case "sign accept":
      return { members: ["not-enough-peers"], seen: ["not-enough-peers"], result: "failure", not: null };
    case "go":
      return { members: left, seen: ["round-timeout", "peer-left"], result: "failure", not: null };
    case "open":
      // The victim hears nothing of its sender, and what it has sent itself arrives: a signature is made by it.
      return s.kind === "sign"
        ? { members: ["done", ...left], victim: left, result: "either", not: null }
        : { members: left, seen: ["round-timeout", "peer-left"], result: "failure", not: null };
    case "key confirm":
    case "key choose":
      return { members: ["wallet-pending", ...others], victim: code, result: "failure", not: null };
    case "vote":
      return {
        // A broken frame may meet a victim that has not voted yet: then nobody has all votes. And whoever asked waits
        // until the victim is done too.
        members: ["done", "wallet-pending"],
        victim: s.fault === "late" ? ["wallet-pending"] : ["wallet-pending", "link-lost"],
        result: "either",
        not: null,
      };
    case "sign share":
    case "sign finish":
      return { members: ["done", "aborted-by-peer"], victim: last, result: "either", not: null };
    case "result":
      return s.kind === "sign"
        ? { members: ["done"], result: "success", not: null }
        : { members: ["done", "wallet-pending"], result: "either", not: null };
    default:
      return { members: others, victim: code, result: "failure", not: null };
  }
}

/** A peer is silent, dead or cut off from one phase on. */
function gone(s: Schedule): Omit<Expected, "not"> {
  const asker = s.faulty === s.initiator && !s.party.includes(s.initiator);
  if (asker) return { members: ["done"], result: "either" };
  const coordinator = s.faulty === coordinates(s);
  const cut: Outcome[] = s.fault === "partition" ? ["link-lost", "not-enough-peers", "declined"] : [];
  // The first messages go ahead of the go at others: these find no link when it comes.
  const unlinked: Outcome[] = s.fault === "silence" ? [] : ["link-lost"];
  switch (s.phase) {
    case "link hello":
    case "link confirm":
      return { members: ["done", "link-lost", ...left], result: "success" };
    case "command":
      return { members: ["done", "not-enough-peers", ...left, ...cut], result: "either" };
    case "invite":
      // A coordinator that is back in time gets the order again.
      if (coordinator && s.fault === "restart") return { members: ["done", ...left], result: "either" };
      return coordinator
        ? { members: ["peer-left", ...cut], result: "failure" }
        : { members: ["not-enough-peers", ...cut], result: "failure" };
    case "key accept":
    case "sign accept":
      return { members: ["not-enough-peers", ...cut], result: "failure" };
    case "go":
      return { members: ["link-lost", ...left, ...cut], result: "failure" };
    case "open": {
      // A share of FROST travels right behind: it may be there already.
      const members: Outcome[] = ["link-lost", ...left, ...cut];
      return s.kind === "sign" && s.scheme !== "ecdsa"
        ? { members: ["done", ...members], result: "either" }
        : { members, result: "failure" };
    }
    case "key confirm":
    case "key choose":
      return { members: ["wallet-pending", ...left, ...cut], result: "failure" };
    case "vote":
      // What the dying peer had sent just before, the last confirmation, may die with it.
      return { members: ["wallet-pending", "done", ...left, ...cut], result: "either" };
    case "sign share":
      return { members: ["done", ...unlinked, ...left, ...cut], result: "either" };
    case "sign finish":
      return { members: ["done", ...left, ...cut], result: "either" };
    case "key reveal":
    case "sign commit":
    case "sign extend": {
      const silent: Outcome[] = ["round-timeout"];
      return { members: s.fault === "silence" ? silent : [...unlinked, ...left, ...cut], result: "failure" };
    }
    case "result":
      return { members: ["done", "wallet-pending", ...left], result: "either" };
    default:
      return { members: s.fault === "silence" ? ["round-timeout"] : [...left, ...cut], result: "failure" };
  }
}

/** As one that is gone, but it may happen when the session is over; and the next invite may meet it when it is back. */
function wentBack(s: Schedule): Omit<Expected, "not"> {
  const { members } = gone({ ...s, fault: "restart" });
  const back: Outcome[] = ["restored", "declined", "wallet-pending", "not-enough-peers", "done"];
  return { members: [...members, ...back, "link-lost", ...left], result: "either" };
}

/** No deadline is measured by the wall; but a command has its time until its session opens. */
function leapt(s: Schedule): Omit<Expected, "not"> {
  const asked = ["command", "invite", "go", "open"].includes(s.phase) || isAccept(s);
  if (!asked || !isFar(s)) return { members: ["done"], result: "success" };
  return { members: ["done", "declined", "clock-skew", "not-enough-peers", ...left], result: "either" };
}

/** A write fails: of the command's id before anything runs, or of the share before the vote, or of the votes. */
function stored(s: Schedule): Expected {
  if (s.phase === "open") {
    return { members: [...left, "store-failed"], seen: ["store-failed"], result: "failure", not: null };
  }
  const members: Outcome[] = s.nth === 0
    ? ["wallet-pending", "store-failed", "aborted-by-peer"]
    : ["done", "store-failed", "wallet-pending"];
  return { members, seen: ["store-failed"], result: s.nth === 0 ? "failure" : "either", not: null };
}

/** Somebody cheats with its own valid keys. */
function cheated(s: Schedule): Omit<Expected, "not"> {
  // A cheat in the last round of a signature has everybody's shares: it is done itself, and may say so to who asked.
  const result = s.phase === "sign share" || s.phase === "sign finish" ? "either" : "failure";
  const all = (code: Outcome): Omit<Expected, "not"> => ({ members: [code], seen: [code], result });
  if (s.fault === "equivocate") return equivocated(s);
  if (s.phase === "go") return liedInGo(s);
  if (s.kind === "ecdh") {
    const code = s.fault === "bad-confirmation"
      ? "invalid-confirmation"
      : s.fault === "garbage"
      ? "malformed-message"
      : "unexpected-round";
    return { members: [code, "done", "link-lost", ...left], seen: [code], result: "success" };
  }
  // What is found in what each hears alone, another may hear of before it has found it.
  const each = (code: Outcome): Omit<Expected, "not"> => ({
    members: [code, "aborted-by-peer"],
    seen: [code],
    result,
  });
  switch (s.fault) {
    case "bad-multiplication":
      return each("invalid-multiplication");
    case "other-request":
      return each("session-mismatch");
    case "contradict":
      return contradicted(s);
    case "contradict-vote":
      return { members: ["done", "wallet-pending"], victim: ["wallet-pending"], result: "either" };
    case "slander":
      return { members: left, seen: ["aborted-by-peer"], result };
    case "garbage":
      return all(s.phase === "vote" ? "invalid-confirmation" : "malformed-message");
    case "wrong-round":
      if (s.phase === "vote") {
        // It may come before the last confirmation of somebody else, or when only votes count.
        return { members: ["wallet-pending", "unexpected-round"], result: "failure" };
      }
      // Only whom it was sent to can say that there is no such round.
      return s.phase === "key deal"
        ? { members: ["aborted-by-peer", "round-timeout"], victim: ["unexpected-round"], result: "failure" }
        : all("unexpected-round");
    case "bad-share":
      if (s.phase === "sign finish") {
        return each(s.party.length === 2 ? "invalid-signature-share" : "result-rejected");
      }
      return all(s.kind === "sign" ? "invalid-signature-share" : "invalid-dealt-share");
    case "bad-proof":
      return all("invalid-proof");
    case "bad-commitment":
      // A batch promises what it shows then; one signature has nothing but its share to be found by.
      if (s.phase === "sign accept" && s.scheme !== "ecdsa") {
        return all(s.items > 1 ? "invalid-commitment" : "invalid-signature-share");
      }
      if (s.phase === "sign commit") return all("invalid-commitment");
      return s.phase.startsWith("key") ? all("invalid-commitment") : each("invalid-commitment");
    default:
      return all("invalid-confirmation");
  }
}

/** The first go counts; and nothing opens by one with an accept of another attempt. */
function liedInGo(s: Schedule): Omit<Expected, "not"> {
  return s.fault === "contradict"
    ? { members: ["done"], result: "success" }
    : { members: left, seen: ["round-timeout", "peer-left"], result: "failure" };
}

/** One peer is told another story. */
function equivocated(s: Schedule): Omit<Expected, "not"> {
  const late: Outcome[] = ["wallet-pending", "done", "aborted-by-peer"];
  switch (s.phase) {
    case "go":
      // The coordinator's own node finds it too, and says so to those who have not found it yet.
      return { members: ["equivocation", "aborted-by-peer"], seen: ["equivocation"], result: "failure" };
    case "key reveal":
      // What the victim shows may come before what the liar sends.
      return { members: ["equivocation", "invalid-commitment"], result: "failure" };
    case "key confirm":
    case "vote":
      return {
        members: ["equivocation", "invalid-confirmation", ...late],
        victim: ["invalid-confirmation", "equivocation"],
        result: "either",
      };
    case "sign commit": {
      const both: Outcome[] = ["equivocation", "invalid-commitment"];
      return { members: both, seen: ["invalid-commitment"], result: "failure" };
    }
    case "sign finish":
      // After the last round nothing is compared: what the victim heard does not fit.
      return { members: ["done", "aborted-by-peer"], victim: ["result-rejected"], result: "either" };
    default:
      return {
        members: ["equivocation", "invalid-signature-share", "done"],
        victim: ["invalid-signature-share", "equivocation"],
        result: "either",
      };
  }
}

/**
 * One peer is told two stories, by who told them: it shows both, and who hears the first only from it can compare.
 * Between the two it may have gone on, and others with it: after the last round nothing is compared any more.
 */
function contradicted(s: Schedule): Omit<Expected, "not"> {
  const last = ["key confirm", "key choose", "sign share", "sign finish"].includes(s.phase);
  const on: Outcome[] = s.kind === "sign" || last ? ["done", "wallet-pending"] : ["wallet-pending"];
  return {
    members: ["equivocation", "invalid-dealt-share", "aborted-by-peer", ...on],
    victim: ["equivocation", ...(last ? on : [])],
    result: s.kind === "sign" || last ? "either" : "failure",
  };
}
