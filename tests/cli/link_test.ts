import assert from "node:assert/strict";
import jsqr from "jsqr";
import { formatInvitation, parseInvitation } from "../../mod.ts";
import { quorate } from "./program.ts";

// Its types speak of a module that it is not.
const jsQR = jsqr as unknown as typeof jsqr.default;
const invitation = formatInvitation({
  cluster: "12D3KooWcluster",
  peer: "12D3KooWalice",
  addresses: ["/dns4/alice.example.org/tcp/443/wss"],
  token: new Uint8Array(16).fill(7),
});

async function withFile(run: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${invitation}\n`);
  try {
    await run(file);
  } finally {
    await Deno.remove(file);
  }
}

/** The picture that a camera takes of half blocks, in four pixels a module, RGBA. */
function photographed(text: string) {
  const lines = text.split("\n");
  const [width, height, scale] = [lines[0]!.length, 2 * lines.length, 4];
  const pixels = new Uint8ClampedArray(width * height * scale * scale * 4).fill(255);
  const lit = (x: number, y: number) => (y % 2 === 0 ? "█▀" : "█▄").includes(lines[y >> 1]![x] ?? " ");
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const shade = lit(Math.floor(x / scale), Math.floor(y / scale)) ? 255 : 0;
      pixels.fill(shade, 4 * (y * width * scale + x), 4 * (y * width * scale + x) + 3);
    }
  }
  return { pixels, width: width * scale, height: height * scale };
}

Deno.test("node link shows an invitation as a link, and as a QR code that says the same", async () => {
  await withFile(async (file) => {
    const { code, out } = await quorate("link", file, "--page", "https://quorate.example.org/");
    assert.equal(code, 0);
    const [link, , ...rest] = out.split("\n");
    assert.equal(link, `https://quorate.example.org/#hold=${invitation}`);
    assert.deepEqual(parseInvitation(link!.split("#hold=")[1]!), parseInvitation(invitation));
    const { pixels, width, height } = photographed(rest.join("\n"));
    assert.equal(jsQR(pixels, width, height)?.data, link);
    const watch = await quorate("link", file, "--page", "http://localhost:8420", "--wish", "watch");
    assert.equal(watch.out.split("\n")[0], `http://localhost:8420/#${invitation}`);
  });
});

Deno.test("node link refuses a page without https, a wish that is none, and a file that is none", async () => {
  await withFile(async (file) => {
    for (
      const [args, wrong] of [
        [[file, "--page", "http://quorate.example.org/"], /^page: expected/],
        [[file, "--page", "https://quorate.example.org/", "--wish", "fly"], /^--wish: expected/],
        [[`${file}.not`, "--page", "https://quorate.example.org/"], /^file: expected/],
      ] as const
    ) {
      const { code, sentence } = await quorate("link", ...args);
      assert.equal(code, 2);
      assert.match(sentence, wrong);
    }
  });
});
