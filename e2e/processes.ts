/**
 * What runs on this machine, as Linux tells it. Not a test by itself.
 * @module
 */

export interface Process {
  pid: number;
  args: string[];
}

/** Running processes among whose arguments are one that ends with `program` and one that begins with `folder`. */
export async function processesOf(program: string, folder: string): Promise<Process[]> {
  const found: Process[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => ""); // it has ended meanwhile
    const args = line.split("\0");
    if (args.some((arg) => arg.endsWith(program)) && args.some((arg) => arg.startsWith(folder))) {
      found.push({ pid: Number(name), args });
    }
  }
  return found;
}
