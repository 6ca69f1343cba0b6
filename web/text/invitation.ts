/**
 * The reasons why an invitation failed, as sentences for a person.
 * @module
 */
import type { InvitationProblem } from "../../mod.ts";

/** For each problem: what happened, and what to do. */
export const invitationProblems: Readonly<Record<InvitationProblem, { what: string; next: string }>> = {
  malformed: {
    what: "That is not an invitation.",
    next: "Copy the whole link, with everything after the “#”.",
  },
  used: {
    what: "This invitation has been used or withdrawn.",
    next: "An invitation admits only as many peers as it was made for. Ask for another.",
  },
  expired: {
    what: "This invitation has expired.",
    next: "Ask for another.",
  },
  declined: {
    what: "You were not let in.",
    next:
      "The person who keeps the cluster's roster said no. Talk to them, then ask again. After three refusals you " +
      "need another invitation.",
  },
  full: {
    what: "The cluster is full.",
    next: "A peer has to be removed from its roster first. Ask the person who keeps the roster.",
  },
  unanswered: {
    what: "Nobody answered.",
    next: "The peer that made the invitation may not be running: start it, then try again. " +
      "If it is running, the invitation was used or has expired: ask for another.",
  },
  "other-cluster": {
    what: "Another cluster answered.",
    next:
      "The peer behind this invitation is not in the cluster that the invitation names. Do not use it; ask for another.",
  },
};
