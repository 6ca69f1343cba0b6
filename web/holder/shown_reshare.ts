/**
 * A request for a resharing as its person can read it: who leaves, comes and stays, and what ends with it. Pure.
 * @module
 */
import type { PairRefusal, ReshareRequested } from "../../mod.ts";
import type { PeerId } from "../../src/failure.ts";
import { list, type NameOf } from "../text/names.ts";
import { changeOf, thresholdText } from "../text/resharing.ts";

/** The parts to read of a request for a resharing. */
export interface ShownReshare {
  lines: readonly { label: string; text: string }[];
  /** Reasons to think twice before approving. */
  warnings: readonly string[];
  /** The consequence for this node itself. */
  own: string;
}

/** @param self This node, if its page knows which it is. */
export function shownReshare(
  request: ReshareRequested,
  { nameOf, self }: { nameOf: NameOf; self: PeerId | null },
): ShownReshare {
  const { before, threshold, members, dealers, gone, refusals, frozen, epoch } = request;
  const names = (peers: readonly PeerId[]) => list(peers.map(nameOf));
  const { stays, comes, leaves } = changeOf(before.members, { members, gone });
  const line = (label: string, peers: readonly PeerId[], each: string) =>
    peers.length > 0 ? [{ label, text: `${names(peers)}: ${peers.length > 1 ? "each " : ""}${each}` }] : [];
  const pairs = (label: string, kind: PairRefusal["kind"]) => {
    const shown = refusals.filter((one) => one.kind === kind);
    const text = shown.map(({ by, other }) =>
      `${by === self ? "this node" : nameOf(by)} refuses ${nameOf(other)}`
    ).join("; ");
    return text === "" ? [] : [{ label, text }];
  };
  return {
    lines: [
      { label: "Epoch", text: `${epoch} → ${epoch + 1}` },
      { label: "How many sign", text: thresholdText(before, { threshold, members }) },
      ...line("Who stays", stays, "gets a new share"),
      ...line("Who comes", comes, "gets a share"),
      ...line("Who leaves", leaves, "erases its share when the others hold theirs"),
      ...line(
        "Who is gone",
        gone,
        "takes no part, lost or not to be asked; nobody can see to it that its share is erased",
      ),
      { label: "Whose shares are used", text: names(dealers) },
      ...pairs("Bans that end", "ban"),
      ...pairs("Quarantines that end", "quarantine"),
      ...(frozen ? [{ label: "Freeze that ends", text: "of this node" }] : []),
    ],
    warnings: warningsOf(request, { stays, names, nameOf, self }),
    own: ownSentence(request, self),
  };
}

function warningsOf(
  request: ReshareRequested,
  { stays, names, nameOf, self }: {
    stays: readonly PeerId[];
    names: (peers: readonly PeerId[]) => string;
    nameOf: NameOf;
    self: PeerId | null;
  },
): string[] {
  const { before, threshold, members, gone, refusals } = request;
  const again = refusals.filter(({ kind, other }) => kind === "ban" && members.includes(other));
  return [
    ...(threshold < before.threshold
      ? [
        `Fewer will be enough: ${threshold} of the new holders can sign, where now it takes ${before.threshold}.`,
      ]
      : []),
    ...(gone.length >= before.threshold
      ? [`Those who are gone are enough to sign with the shares that they have: ${names(gone)}.`]
      : []),
    ...(2 * gone.length >= before.members.length
      ? ["Half of the holders now take no part: they could give the key to others in the same moment."]
      : []),
    ...(stays.length === 0 ? ["None of those who hold the key now keeps a share of it."] : []),
    ...again.map(({ by, other }) => {
      const found = by === self ? "this node" : `${nameOf(by)}, as that says`;
      return `${
        nameOf(other)
      } failed a security check by ${found}, and would stay. Whoever cheated gets a new guess ` +
        `with the new shares. Decline, and ask for a resharing without ${nameOf(other)} first.`;
    }),
  ];
}

function ownSentence({ before, members }: ReshareRequested, self: PeerId | null): string {
  const same = "Nothing is signed by this, and the key and its addresses stay.";
  if (self === null) return same;
  const [held, holds] = [before.members.includes(self), members.includes(self)];
  if (held && holds) {
    return `${same} This tab would get a new share, which is in no backup yet, and erase the one that it has.`;
  }
  if (holds) {
    return `${same} This tab would be one of its holders, and you would have to keep a backup of its share.`;
  }
  return held
    ? `${same} This tab would hold no share any more: its own is erased when the others hold theirs.`
    : same;
}
