/**
 * Seeded bugs of the cryptography that people and disks rest on: verification, the words of joining, erasing.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const ed25519 = (test: string) => ({ file: "tests/crypto/ed25519_test.ts", test });
const ecdsa = (test: string) => ({ file: "tests/crypto/ecdsa/signature_test.ts", test });
const sqlite = (test: string) => ({ file: "tests/store/sqlite_test.ts", test });
const words = (test: string) => ({ file: "tests/negative/join_words_test.ts", test });

export const cryptoMutants: readonly Mutant[] = [
  {
    name: "Ed25519 is verified with the cofactor",
    patches: [patch(
      "crypto/ed25519.ts",
      "return equalBytes(BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes(), R);",
      "return BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).subtract(Point.fromBytes(R)).isSmallOrder();",
    )],
    caughtBy: ed25519("verifyEd25519(), by noble, judges every crafted signature"),
  },
  {
    name: "an R in another encoding, or of small order, is taken",
    patches: [
      patch("crypto/ed25519.ts", "return y < field && y !== 1n && y !== field - 1n;", "return y >= 0n;"),
    ],
    caughtBy: ed25519("isWellFormed() takes"),
  },
  {
    name: "the R of small order is taken",
    patches: [patch("crypto/ed25519.ts", "y < field && y !== 1n && y !== field - 1n", "y < field")],
    caughtBy: ed25519("verifyEd25519(), by noble, judges every crafted signature"),
  },
  {
    name: "a key with a part of small order is taken",
    patches: [patch("crypto/ed25519.ts", "!point.is0() && point.isTorsionFree()", "!point.isSmallOrder()")],
    caughtBy: ed25519("verifyEd25519(), by noble, judges every crafted signature"),
  },
  {
    name: "an S over the order is taken",
    patches: [patch(
      "crypto/ed25519.ts",
      "if (bytesToNumberLE(signature.subarray(32)) >= order) return false;",
      "",
    )],
    caughtBy: ed25519("isWellFormed() takes"),
  },
  {
    name: "any v will do",
    patches: [patch(
      "crypto/ecdsa/signature.ts",
      "return recoveryOf(publicKey, digest, bytes.subarray(0, 64)) === recovery;",
      "return recoveryOf(publicKey, digest, bytes.subarray(0, 64)) !== null;",
    )],
    caughtBy: {
      file: "tests/node/verify_test.ts",
      test: "verify() refuses 65 bytes whose v recovers another key",
    },
  },
  {
    name: "a high s passes",
    patches: [patch("crypto/ecdsa/signature.ts", " || s > group.order / 2n) return null;", ") return null;")],
    caughtBy: ecdsa("verifyEcdsa() refuses a high s"),
  },
  {
    name: "any R is that of the signature",
    patches: [patch("crypto/ecdsa/signature.ts", "return rx === r ? recovery : null;", "return recovery;")],
    caughtBy: ecdsa("verifyEcdsa() judges every case of Wycheproof"),
  },
  {
    name: "an uncompressed key verifies",
    patches: [patch("crypto/ecdsa/signature.ts", " || publicKey.length !== 33", "")],
    caughtBy: ecdsa("verifyEcdsa() refuses a high s"),
  },
  {
    name: "what is erased stays in free pages",
    patches: [patch("store/sqlite.ts", "PRAGMA secure_delete = ON; ", "PRAGMA secure_delete = OFF; ")],
    caughtBy: sqlite("sqliteStore() leaves nothing in its files of a row"),
  },
  {
    name: "what is erased stays in the log when the store is closed",
    patches: [patch("store/sqlite.ts", "        emptyLog(db);\n", "")],
    caughtBy: sqlite("sqliteStore() leaves nothing in its files of a row"),
  },
  {
    name: "what is erased stays behind the end of the log",
    patches: [patch("store/sqlite.ts", " PRAGMA journal_size_limit = 0;", "")],
    caughtBy: sqlite("sqliteStore() leaves nothing of an erased row in its log"),
  },
  {
    name: "a failed write is not undone",
    patches: [patch("store/sqlite.ts", "      rollBack(db);\n", "")],
    caughtBy: sqlite("sqliteStore() throws StoreError when the file may not grow"),
  },
  {
    name: "the error of undoing a write hides the write's own",
    patches: [patch(
      "store/sqlite.ts",
      "  } catch {\n    // No transaction is left to undo.\n  }",
      "  } finally {\n    // No transaction is left to undo.\n  }",
    )],
    caughtBy: sqlite("sqliteStore() gives the error of a write that SQLite has undone itself"),
  },
  {
    name: "a store that another process keeps fails at once",
    patches: [patch("store/sqlite.ts", "    db.exec(`PRAGMA busy_timeout = ${lockMs}`);\n", "")],
    caughtBy: sqlite("sqliteStore() throws StoreError when another process keeps the lock"),
  },
  {
    name: "what an asker reveals is not held against its commitment",
    patches: [patch(
      "cluster/roster/admission/nonce_exchange.ts",
      "if (nonce === null || !opensCommitment(commitment, nonce, { admin, joiner })) return null;",
      "if (nonce === null) return null;",
    )],
    caughtBy: words("An asker that reveals another nonce"),
  },
  {
    name: "a commitment may be copied from somebody else",
    patches: [patch("cluster/roster/admission/join_words.ts", "nonce, joiner, admin);", "nonce);")],
    caughtBy: words("An asker that reveals another nonce"),
  },
  {
    name: "a person is asked before the nonce is revealed",
    patches: [
      patch(
        "cluster/roster/admission/nonce_exchange.ts",
        "const nonce = frame === null ? null : revealed(frame);",
        "const nonce = own.slice();",
      ),
      patch(
        "cluster/roster/admission/nonce_exchange.ts",
        "!opensCommitment(commitment, nonce, { admin, joiner })",
        "false && opensCommitment(commitment, nonce, { admin, joiner })",
      ),
    ],
    caughtBy: words("An asker that never reveals"),
  },
  {
    name: "the words are those of any peer",
    patches: [
      patch(
        "cluster/roster/admission/join_words.ts",
        "cluster, admin, joiner, tokenHash(token),",
        "tokenHash(token),",
      ),
    ],
    caughtBy: words("joinDigest() differs with each peer"),
  },
  {
    name: "an invitation gives out nonces without end",
    patches: [
      patch(
        "cluster/roster/admission/nonce_exchange.ts",
        "if (++invite.nonces > invite.uses + spareNonces) {",
        "if (++invite.nonces < 0) {",
      ),
    ],
    caughtBy: words("An invitation closes after 64 nonces"),
  },
];
