/** A frame of a WebSocket. */
export interface Frame {
  /** The bytes as they came, to be passed on unchanged. */
  bytes: Buffer;
  /** The text, where it is a whole text message of a server; undefined for everything else. */
  text: string | undefined;
  /** It says that the sender is done. */
  isClose: boolean;
}

const TEXT_OPCODE = 0x1;
const CLOSE_OPCODE = 0x8;
/** Set in all frames of a browser, whose payload then starts with four bytes of mask. */
const MASKED = 0x80;
const FINAL = 0x80;

/** Cuts a stream of bytes into frames. */
export class FrameSplitter {
  private rest = Buffer.alloc(0);

  /** Takes what came and returns the frames that are whole now. */
  push(bytes: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.take(); frame; frame = this.take()) frames.push(frame);
    return frames;
  }

  private take(): Frame | undefined {
    if (this.rest.length < 2) return undefined;
    const [first, second] = [this.rest.readUInt8(0), this.rest.readUInt8(1)];
    const [length, header] = this.payload(second & 0x7f, second & MASKED ? 4 : 0);
    if (length === undefined || this.rest.length < header + length) return undefined;
    const bytes = this.rest.subarray(0, header + length);
    this.rest = this.rest.subarray(header + length);
    const isText = first === (FINAL | TEXT_OPCODE) && !(second & MASKED);
    return { bytes, text: isText ? bytes.subarray(header).toString("utf8") : undefined, isClose: (first & 0x0f) === CLOSE_OPCODE };
  }

  /** Length of the payload and of the header before it. */
  private payload(short: number, mask: number): [number | undefined, number] {
    if (short < 126) return [short, 2 + mask];
    if (short === 126) return [this.rest.length >= 4 ? this.rest.readUInt16BE(2) : undefined, 4 + mask];
    return [this.rest.length >= 10 ? Number(this.rest.readBigUInt64BE(2)) : undefined, 10 + mask];
  }
}
