/**
 * The names of the protocols between nodes, as libp2p negotiates them.
 * @module
 */

/** The name of each protocol on the wire. */
export const protocols = {
  link: "/quorate/link/6",
  session: "/quorate/session/6",
  invite: "/quorate/invite/6",
  command: "/quorate/command/6",
  result: "/quorate/result/6",
  outcome: "/quorate/outcome/6",
  sync: "/quorate/sync/6",
  join: "/quorate/join/6",
} as const;
