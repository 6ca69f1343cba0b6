/**
 * The names of the protocols between nodes, as libp2p negotiates them.
 * @module
 */

/** The name of each protocol on the wire. */
export const protocols = {
  link: "/quorate/link/4",
  session: "/quorate/session/4",
  invite: "/quorate/invite/4",
  command: "/quorate/command/4",
  result: "/quorate/result/4",
  sync: "/quorate/sync/4",
  join: "/quorate/join/4",
} as const;
