/** The empty lines with which a log that has nothing to say shows that it is alive. journalctl itself prints none. */

/** What is sent in between. */
export const aliveLine: Uint8Array = new Uint8Array([10]);

const NEWLINE = 10;

/** Whether a piece ends a line, so that an empty one can follow. */
export const endsLine = (piece: Uint8Array): boolean => piece.at(-1) === NEWLINE;

/** Takes the empty lines out again, wherever pieces begin and end. */
export class WithoutEmptyLines {
  private atLineStart = true;

  take(piece: Uint8Array): Uint8Array {
    const kept = new Uint8Array(piece.length);
    let length = 0;
    for (const byte of piece) {
      const isEmptyLine = byte === NEWLINE && this.atLineStart;
      this.atLineStart = byte === NEWLINE;
      if (!isEmptyLine) kept[length++] = byte;
    }
    return kept.subarray(0, length);
  }
}
