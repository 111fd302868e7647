/** Why a row failed: for people, with the file that tells more. */
export class RowFailure extends Error {
  override readonly name = 'RowFailure';
  /** Absolute path. */
  readonly log: string;

  constructor(message: string, log: string) {
    super(message);
    this.log = log;
  }
}
