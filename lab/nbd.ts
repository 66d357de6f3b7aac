/**
 * A disk served to QEMU over the NBD protocol: one client, one export, simple replies.
 *
 * @source the NBD protocol document of the Network Block Device project, "fixed newstyle" negotiation
 */
import type { Socket } from "node:net";

/** What is served. Offsets and lengths are bytes; QEMU asks for whole sectors inside `sizeBytes` only. */
export interface ServedDisk {
  readonly sizeBytes: number;
  read(offset: number, length: number): Buffer;
  /** @param durable  on the medium before this returns, whatever else is not */
  write(offset: number, bytes: Uint8Array, durable: boolean): void;
  flush(): void;
}

const GREETING = "NBDMAGICIHAVEOPT";
const OPTION_MAGIC = "IHAVEOPT";
const OPTION_REPLY_MAGIC = 0x0003_e889_0455_65a9n;
const REQUEST_MAGIC = 0x2560_9513;
const REPLY_MAGIC = 0x6744_6698;

const FIXED_NEWSTYLE = 1;
const NO_ZEROES = 2;
const OPTION = { abort: 2, info: 6, go: 7 } as const;
const REPLY = { ack: 1, info: 3, unsupported: 0x8000_0001 } as const;
const INFO_EXPORT = 0;
// has flags, takes flush, forced unit access, trim and write-zeroes
const TRANSMISSION_FLAGS = 0x1 | 0x4 | 0x8 | 0x20 | 0x40;
const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4, writeZeroes: 6 } as const;
const FORCED_UNIT_ACCESS = 1;
const EIO = 5;
const EINVAL = 22;

/** Answers a client until it disconnects. @throws Error when it does not speak the protocol */
export async function serveNbd(socket: Socket, disk: ServedDisk): Promise<void> {
  const from = new Incoming(socket);
  socket.write(Buffer.concat([Buffer.from(GREETING), u16(FIXED_NEWSTYLE | NO_ZEROES)]));
  await from.take(4); // the client's flags; there are none that change what follows
  if (await negotiated(socket, from, disk)) await transmit(socket, from, disk);
}

/** @returns false when the client wants no transmission */
async function negotiated(socket: Socket, from: Incoming, disk: ServedDisk): Promise<boolean> {
  for (;;) {
    const head = await from.take(16);
    if (head.toString("latin1", 0, 8) !== OPTION_MAGIC) throw new Error("not an NBD option");
    const option = head.readUInt32BE(8);
    await from.take(head.readUInt32BE(12)); // the export's name and what is asked of it: there is one export
    const reply = (type: number, data: Buffer = Buffer.alloc(0)) =>
      socket.write(Buffer.concat([u64(OPTION_REPLY_MAGIC), u32(option), u32(type), u32(data.length), data]));
    if (option === OPTION.info || option === OPTION.go) {
      const size = u64(BigInt(disk.sizeBytes));
      reply(REPLY.info, Buffer.concat([u16(INFO_EXPORT), size, u16(TRANSMISSION_FLAGS)]));
      reply(REPLY.ack);
      if (option === OPTION.go) return true;
    } else if (option === OPTION.abort) {
      reply(REPLY.ack);
      return false;
    } else {
      reply(REPLY.unsupported);
    }
  }
}

async function transmit(socket: Socket, from: Incoming, disk: ServedDisk): Promise<void> {
  for (;;) {
    const head = await from.take(28);
    if (head.readUInt32BE(0) !== REQUEST_MAGIC) throw new Error("not an NBD request");
    const command = head.readUInt16BE(6);
    const request: Request = {
      command,
      durable: (head.readUInt16BE(4) & FORCED_UNIT_ACCESS) !== 0,
      offset: Number(head.readBigUInt64BE(16)),
      length: head.readUInt32BE(24),
    };
    const data = command === COMMAND.write ? await from.take(request.length) : Buffer.alloc(0);
    if (command === COMMAND.disconnect) return;
    const { error, answer } = carryOut(disk, request, data);
    socket.write(Buffer.concat([u32(REPLY_MAGIC), u32(error), head.subarray(8, 16), answer]));
  }
}

interface Request {
  readonly command: number;
  readonly durable: boolean;
  readonly offset: number;
  readonly length: number;
}

const NOTHING = Buffer.alloc(0);

function carryOut(disk: ServedDisk, request: Request, data: Buffer): { error: number; answer: Buffer } {
  const { command, offset, length, durable } = request;
  if (offset + length > disk.sizeBytes) return { error: EINVAL, answer: NOTHING };
  try {
    switch (command) {
      case COMMAND.read:
        return { error: 0, answer: disk.read(offset, length) };
      case COMMAND.write:
        disk.write(offset, data, durable);
        return { error: 0, answer: NOTHING };
      case COMMAND.writeZeroes:
        disk.write(offset, Buffer.alloc(length), durable);
        return { error: 0, answer: NOTHING };
      case COMMAND.flush:
        disk.flush();
        return { error: 0, answer: NOTHING };
      case COMMAND.trim: // the old bytes may stay
        return { error: 0, answer: NOTHING };
      default:
        return { error: EINVAL, answer: NOTHING };
    }
  } catch {
    // Whatever the file below says is an input/output error to a guest, which reports it with what it was doing.
    return { error: EIO, answer: NOTHING };
  }
}

/** What a socket receives, taken in pieces of a wanted size. */
class Incoming {
  private chunks: Buffer[] = [];
  private held = 0;
  private ended: Error | undefined;
  private changed = () => {};

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.held += chunk.length;
      this.changed();
    });
    const end = (error?: Error) => {
      this.ended ??= error ?? new Error("the NBD client went away");
      this.changed();
    };
    socket.on("error", end);
    socket.on("close", () => end());
  }

  /** @throws Error when the client goes away before it has sent them */
  async take(bytes: number): Promise<Buffer> {
    while (this.held < bytes) {
      if (this.ended !== undefined) throw this.ended;
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
    const all = this.chunks.length === 1 ? (this.chunks[0] ?? NOTHING) : Buffer.concat(this.chunks);
    this.chunks = all.length > bytes ? [all.subarray(bytes)] : [];
    this.held -= bytes;
    return all.subarray(0, bytes);
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
