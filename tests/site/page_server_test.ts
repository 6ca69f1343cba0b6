import { equal } from "node:assert/strict";
import { servePage } from "../../src/demo/page_server.ts";

Deno.test("servePage() says of each page that no other page may frame it, and answers nothing but GET", async () => {
  await using server = await servePage({ port: 0 });
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  for (const path of ["/", "/hold/", "/hold/index.html"]) {
    const answer = await ask(path);
    equal(answer.status, 200, path);
    equal(answer.headers.get("content-security-policy"), "frame-ancestors 'none'", path);
    equal((await answer.text()).startsWith("<!doctype html>"), true, path);
  }
  for (const [path, method, status] of [["/none", "GET", 404], ["/", "POST", 405]] as const) {
    const answer = await ask(path, method);
    equal(answer.status, status, path);
    await answer.body?.cancel();
  }
});
