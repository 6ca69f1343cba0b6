/**
 * FROST(Ed25519, SHA-512), RFC 9591 §6.1: its signatures are Ed25519's.
 * @module
 */
import { createFROST } from "@noble/curves/abstract/frost.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type FrostSuite, frostSuite } from "./frost.ts";
import { groups } from "./group.ts";
import { KnownPoint } from "./known_points.ts";

// The stock suite checks torsion twice per point and step; this one checks each point once and is the same on
// the wire. H2 is plain SHA-512 so that the result is an Ed25519 signature (§6.1).
const frost = createFROST({ name: "FROST-ED25519-SHA512-v1", Point: KnownPoint, hash: sha512, H2: "" });

/** Keys and elements of 32 bytes. */
export const frostEd25519: FrostSuite = frostSuite({
  name: "frost",
  group: groups.ed25519,
  frost,
  computed: (element) => KnownPoint.computed(element),
});
