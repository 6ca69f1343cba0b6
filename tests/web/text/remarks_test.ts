import assert from "node:assert/strict";
import { remarksOf, shownRemarks } from "../../../web/text/remarks.ts";

Deno.test("remarksOf() leaves out what was not typed, and blanks that nobody sees", () => {
  assert.deepEqual(remarksOf({ note: "", reference: "" }), {});
  assert.deepEqual(remarksOf({ note: "  " }), {});
  assert.deepEqual(remarksOf({ note: " Payroll  of November ", reference: "7" }), {
    note: "Payroll of November",
    reference: "7",
  });
  assert.deepEqual(remarksOf({ note: "e\u0301" }), { note: "\u00e9" });
});

Deno.test("shownRemarks() says whose words they are, and shows nothing that hides", () => {
  assert.deepEqual(shownRemarks({ note: "rent" }, "Alice"), [{ label: "Alice's note", text: "rent" }]);
  assert.deepEqual(shownRemarks({ note: "rent", reference: "7" }, null), [
    { label: "Your note", text: "rent" },
    { label: "Your reference", text: "7" },
  ]);
  assert.deepEqual(shownRemarks({ note: "", reference: "" }, "Alice"), []);
  const [shown] = shownRemarks({ note: "a\u202eb\nc" }, "Alice");
  assert.equal(shown?.text, "a‹202E›b‹000A›c");
});
