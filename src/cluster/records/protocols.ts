/**
 * The names of the protocols between nodes, as libp2p negotiates them.
 * @module
 */

/** The name of each protocol on the wire. */
export const protocols = {
  link: "/quorate/link/3",
  session: "/quorate/session/3",
  invite: "/quorate/invite/3",
  command: "/quorate/command/3",
  result: "/quorate/result/3",
  sync: "/quorate/sync/3",
  join: "/quorate/join/3",
} as const;
