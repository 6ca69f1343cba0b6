/**
 * Debian's packages for tests, where that is possible without asking anybody. Not a test by itself.
 * @module
 */

/** Installs packages. @returns Whether it did: on Debian, as root. */
export async function installDebian(...packages: string[]): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0 || !await isFile("/usr/bin/apt-get")) return false;
  console.error(`Installing Debian's ${packages.join(", ")}.`);
  const quiet = { stdin: "null", stdout: "null", stderr: "inherit" } as const;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const waiting = ["--option", "DPkg::Lock::Timeout=300"];
  await new Deno.Command("apt-get", { args: [...waiting, "update"], env, ...quiet }).output();
  const args = [...waiting, "install", "--yes", "--no-install-recommends", ...packages];
  return (await new Deno.Command("apt-get", { args, env, ...quiet }).output()).success;
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** The first of these programs that is on PATH, or null. */
export async function onPath(names: readonly string[]): Promise<string | null> {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  for (const path of names.flatMap((name) => folders.map((folder) => `${folder}/${name}`))) {
    if (await isFile(path)) return path;
  }
  return null;
}
