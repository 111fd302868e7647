/** Exit codes of the command line. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** The work failed, or a check found something. */
  failed: 1,
  /** The command line itself is wrong: unknown command, option or argument. */
  usage: 2,
  /** Cancelled by Ctrl-C (128 + SIGINT, as shells count). */
  cancelled: 130,
} as const;
