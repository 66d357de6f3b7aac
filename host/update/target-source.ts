/** What those who read targets of an update repository need of it, however it is fetched and verified. */

/** The targets of one repository whose metadata has been verified. */
export interface TargetSource {
  /** Whether the signed metadata lists the name. */
  has(name: string): boolean;
  /** Length in bytes, as signed. */
  length(name: string): number;
  /** The whole target, after its length and hash have been compared. Only for what is known to be small. */
  read(name: string): Promise<Uint8Array>;
  /**
   * The target piece by piece, as it comes. What has been read is proven only when the end has been reached: a wrong
   * length or hash is thrown there, so whoever takes pieces has to take them all before believing any. A piece belongs to who took
   * it: it does not change when the next one comes.
   */
  stream(name: string): AsyncIterable<Uint8Array>;
}
