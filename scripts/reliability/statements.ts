/** What docs/reliability*.md say besides figures. */

/** An invariant of the supervisor and where it is asserted. */
export const invariants: readonly (readonly [name: string, text: string, where: string])[] = [
  ['I1', 'At most one generation lives at any moment.', 'model, processes'],
  ['I2', 'After `stop()` nothing of any generation lives.', 'model, processes'],
  [
    'I3',
    'Every promise of `start`, `stop` and `restart` settles within start limit + stop limit + 2 s.',
    'model, processes',
  ],
  ['I4', 'Automatic restarts in any window stay within the limit; only a person leaves `failed`.', 'model'],
  ['I5', 'Delays double within ± 20 % and begin anew only after a stable time.', 'model'],
  ['I6', '`ready` comes once in a generation, and only after its proof.', 'model, processes'],
  ['I7', 'Events are ordered and follow the diagram.', 'model, processes'],
  ['I8', 'Nothing of a generation has an effect after its end; after disposal no timer is left.', 'model'],
  ['I9', 'Several stops at once are one.', 'model'],
  ['I10', 'A listener that throws changes nothing.', 'listeners'],
  ['I11', 'Tokens occur in no event, line, error or command line.', 'redaction, tokens'],
  ['I12', 'However output is cut into pieces, the same lines come out.', 'lines'],
  ['I13', 'Setting the clock changes nothing; sleep restarts nothing.', 'listeners, time'],
  ['I14', 'Signals go only to processes that are known and have not ended.', 'model, reaper'],
];

/** The names used above. */
export const places: Readonly<Record<string, readonly [file: string, what: string]>> = {
  model: [
    'test/runtime/model/model.test.ts',
    '10,000 random sequences of commands, programs and listeners in virtual time',
  ],
  processes: ['test/runtime/faults/random.e2e.test.ts', 'random commands on real programs (fault 25)'],
  listeners: [
    'test/runtime/model/model.test.ts',
    '10,000 sequences, each run twice: in peace, and with throwing listeners and a jumping clock',
  ],
  tokens: ['test/security/ledger.ts', 'at the end of every test that runs a backend (see below)'],
  redaction: ['test/runtime/log/redact.test.ts', '10,000 outputs with a token, cut anywhere'],
  lines: ['test/runtime/process/lines.test.ts', '10,000 random texts in random pieces'],
  time: ['test/runtime/faults/time.e2e.test.ts', 'faults 16 and 17'],
  reaper: ['test/runtime/faults/orphans.e2e.test.ts', 'fault 22'],
};

/** What only another system could show: what, the code, and what is tested of it here. */
export const notRun: readonly (readonly [what: string, code: string, tested: string])[] = [
  [
    'Windows (run under Wine, with stand-ins for both tools): ending a process tree with `taskkill`, the process table by `Get-CimInstance`',
    'src/runtime/process/process-table-windows.ts',
    'test/runtime/process-tables.test.ts',
  ],
  [
    'Windows (run under Wine, without Ctrl-Break): the lifeline (polling the pipe, waiting for the parent), standard input, Ctrl-Break',
    'companion/electron_pyinstaller/_windows.py',
    'test/companion/python/test_windows.py',
  ],
  [
    'Windows: a onefile bootloader that is killed (there is no process group; the tree and the lifeline end Python)',
    'src/runtime/process/process-tree.ts',
    'test/runtime/process-tables.test.ts',
  ],
  [
    'Windows (run under Wine): the job objects through which the system ends the program with the app, and what it started with the program',
    'src/runtime/process/child-program.ts',
    'test/runtime/process-tables.test.ts',
  ],
  [
    'Windows: the end of the session (fault 21)',
    'src/runtime/life/quit.ts',
    'test/runtime/life/quit.test.ts',
  ],
  [
    'Windows (run under Wine, which locks less): the program can be replaced after `prepareForUpdate()`',
    'src/runtime/life/update.ts',
    'test/runtime/life/quit.test.ts',
  ],
  [
    'Windows: digests of signed programs; a virus scanner that locks or removes files',
    'src/runtime/integrity/pe-layout.ts',
    'test/runtime/integrity/integrity.test.ts',
  ],
  [
    'macOS: the process table by `ps`, who holds a port by `lsof`',
    'src/runtime/process/process-table-darwin.ts',
    'test/runtime/process-tables.test.ts',
  ],
  [
    'macOS: quarantine and signed bundles; elsewhere security software that removes files of the program',
    'src/runtime/integrity/integrity.ts',
    'test/runtime/integrity/integrity.test.ts',
  ],
  ['macOS: logout (fault 21)', 'src/runtime/life/quit.ts', 'test/runtime/life/quit.test.ts'],
  [
    'A computer that really sleeps (`powerMonitor` and the clock were played)',
    'src/runtime/life/power.ts',
    'test/runtime/faults/time.e2e.test.ts',
  ],
  [
    "The computer's own clock being set (`Date` and `time.time` were replaced)",
    'src/runtime/clock.ts',
    'test/runtime/faults/time.e2e.test.ts',
  ],
  [
    "Genuine Electron: the faults run with Node as the app's main process",
    'src/runtime/backend.ts',
    'test/runtime/faults/driver.ts',
  ],
];
