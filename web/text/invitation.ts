/**
 * Why an invitation let nobody in, for a person to read.
 * @module
 */
import type { InvitationProblem } from "../../mod.ts";

/** What happened, and what to do. */
export const invitationProblems: Readonly<Record<InvitationProblem, { what: string; next: string }>> = {
  malformed: {
    what: "That is not an invitation.",
    next: "Copy the whole link, with everything after the “#”.",
  },
  used: {
    what: "This invitation has been used or withdrawn.",
    next: "Each lets in as many as it was made for. Ask for another.",
  },
  expired: {
    what: "This invitation has expired.",
    next: "Ask for another.",
  },
  declined: {
    what: "You were not let in.",
    next:
      "Whoever keeps the cluster's roster said no. Talk to them, then ask again: they are asked once more. " +
      "After three noes only another invitation helps.",
  },
  full: {
    what: "The cluster is full.",
    next: "A peer has to be removed from its roster first. Ask whoever keeps it.",
  },
  unanswered: {
    what: "Nobody answered.",
    next: "The peer that gave the invitation may not be running: start it, then try again. " +
      "If it runs, the invitation was used or has run out, for then it answers no stranger: ask for another.",
  },
  "other-cluster": {
    what: "Another cluster answered.",
    next:
      "Whoever is behind this invitation is not of the cluster that it names. Do not use it; ask for another.",
  },
};
