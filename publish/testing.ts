/** A publisher's desk for tests: a directory with keys, image parts and repositories, and the commands run on it. */
import { spyOn } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { register } from "./command.ts";

export const VARIANT = "metal-dev";
/** Where the metadata of its hosts is in a repository. */
export const META = [VARIANT, "x86_64"] as const;

/** An LZ4 frame of nothing: magic, flags, header checksum, end mark, content checksum. */
const emptyFrame = Buffer.from("04224d186440a700000000055dcc02", "hex");

/** An LZ4 frame whose bytes are its own: an empty frame and a skippable one that carries a text. */
export function frame(text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(Buffer.byteLength(text), 4);
  return Buffer.concat([emptyFrame, head, Buffer.from(text)]);
}

export class Desk {
  readonly directory = join(tmpdir(), `pinwheel-publish-${crypto.randomUUID()}`);
  readonly images = this.path("images");

  constructor() {
    mkdirSync(this.images, { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** What an image build of a version leaves, made of small parts; migrations are names. */
  async build(version: string, migrations: readonly string[] = []): Promise<void> {
    const full = join("images", `pinwheel-${VARIANT}-x86_64-${version}-0123abcd`);
    for (const part of ["boot.ext4", "root.ext4", "root.verity"]) {
      this.write(`${full}-${part}.lz4`, frame(`${part} of ${version}`));
    }
    const files = Object.fromEntries(migrations.map((name) => [name, frame(name)]));
    this.write(`${full}-migrations.tar`, await tarOf(files));
  }

  /** Release.toml. @param migrations  lines of its table */
  release(version: string, ...migrations: readonly string[]): void {
    this.write("Release.toml", [`version = "${version}"`, "[migrations]", ...migrations, ""].join("\n"));
  }

  /** Runs `pinwheel repo NAME …` here. @returns what it wrote on stdout */
  async repo(name: string, ...args: readonly string[]): Promise<string> {
    const here = ["--infra", this.path("Infra.toml"), "--root", this.path("root.json")];
    const building = ["--images", this.images, "--release", this.path("Release.toml")];
    const program = new Command().exitOverride();
    register(program);
    const words = [name, ...args, ...here, ...(name === "build" ? building : [])];
    const stdout = spyOn(process.stdout, "write").mockImplementation(() => true);
    const stderr = spyOn(process.stderr, "write").mockImplementation(() => true);
    try {
      await program.parseAsync(["repo", ...words], { from: "user" });
      return stdout.mock.calls.map(([text]) => String(text)).join("");
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
    }
  }

  /** Keys and root role, by Infra.toml. */
  async start(type = "ed25519"): Promise<void> {
    this.write("Infra.toml", '[repo.default]\nsigning_keys = { file = { path = "default.pem" } }\n');
    await this.repo("keys", "--type", type);
  }

  /** Metadata in a repository, read. */
  json(...names: readonly string[]) {
    return JSON.parse(readFileSync(this.path(...names), "utf8"));
  }

  list(...names: readonly string[]): readonly string[] {
    return readdirSync(this.path(...names)).sort();
  }
}

/** A desk with one release, in `out`. */
export async function published(...migrations: readonly string[]): Promise<Desk> {
  const desk = new Desk();
  await desk.start();
  await desk.build("1.0.0", migrations);
  desk.release("1.0.0");
  await desk.repo("build", VARIANT, "--out", desk.path("out"));
  return desk;
}

async function tarOf(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  return new Bun.Archive(files).bytes();
}

/** Serves a directory on a port of its own, and remembers what was asked for. */
export function serve(directory: string) {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const file = Bun.file(join(directory, decodeURIComponent(pathname)));
      return (await file.exists()) ? new Response(file) : new Response("not found", { status: 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    [Symbol.dispose]: () => {
      server.stop(true);
    },
  };
}
