import type { BackendErrorCode } from '../errors.js';

/** What an exit and the last words of a backend say about the cause. */
export interface ExitDiagnosis {
  /** A more telling code than the general one; null: keep it. */
  readonly code: BackendErrorCode | null;
  /** False: trying again cannot help. Null: as the code says. */
  readonly retryable: boolean | null;
  /** One sentence: what happened. */
  readonly reason: string;
  /** What to do next, with the configuration's own words. */
  readonly hint: string;
}

/** What is known about the end of a backend. */
export interface ExitEvidence {
  readonly name: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly tail: readonly string[];
  readonly program: 'frozen' | 'development';
  readonly mode: 'onedir' | 'onefile' | null;
  /** Python said hello, so the program itself could be loaded. */
  readonly greeted: boolean;
}

/** One way to end: how it looks, and what it means. */
export interface ExitRule {
  /** For the documentation. */
  readonly title: string;
  readonly pattern: RegExp;
  readonly when?: (evidence: ExitEvidence) => boolean;
  readonly diagnose: (match: RegExpExecArray, evidence: ExitEvidence) => ExitDiagnosis;
}

const frozen = (evidence: ExitEvidence): boolean => evidence.program === 'frozen';

/** Every end that is recognised by what was printed. Tried in this order on the whole tail. */
export const exitRules: readonly ExitRule[] = [
  {
    title: 'A module is missing',
    pattern: /No module named ['"]?([\w.]+)['"]?/,
    diagnose: (match, evidence) => {
      const module = match[1] ?? '?';
      return {
        code: null,
        // Further up it may be a warning about something optional.
        retryable: evidence.tail.slice(-5).some((line) => line.includes(match[0])) ? false : null,
        reason: `the Python module ${module} is missing`,
        hint: frozen(evidence)
          ? `Add it to the configuration: backends.${evidence.name}.hiddenImports: ['${module}'] (or install the package it is from), and build again.`
          : `Install the package ${module} is from: add it to backends.${evidence.name}.requirements.`,
      };
    },
  },
  {
    title: 'The metadata of a package is missing',
    pattern:
      /(?:PackageNotFoundError|No package metadata was found for|The '?([\w.-]+)'? distribution was not found)(?:[^\n]*?for ['"]?([\w.-]+))?/,
    when: frozen,
    diagnose: (match, evidence) => {
      const found =
        match[1] ??
        match[2] ??
        /No package metadata was found for ['"]?([\w.-]+)/.exec(evidence.tail.join('\n'))?.[1];
      return {
        code: null,
        retryable: false,
        reason: `the metadata of the Python package ${found ?? '(see the output)'} is missing`,
        hint: `Add it to the configuration: backends.${evidence.name}.collect.metadata: ['${found ?? '<package>'}'], and build again.`,
      };
    },
  },
  {
    title: 'A certificate cannot be verified',
    pattern: /CERTIFICATE_VERIFY_FAILED|unable to get local issuer certificate/,
    diagnose: (_match, evidence) => ({
      code: null,
      retryable: null,
      reason: 'a TLS certificate could not be verified',
      hint: `Bundle the certificates: add certifi to backends.${evidence.name}.requirements; behind a company proxy set SSL_CERT_FILE in backends.${evidence.name}.run.env.`,
    }),
  },
  {
    title: 'glibc is too old',
    pattern: /version [`'"]?(GLIBC_[\d.]+)['"`]? not found/,
    diagnose: (match) => ({
      code: 'E_EXE_CORRUPT',
      retryable: false,
      reason: `it needs ${match[1] ?? 'a newer glibc'}, which this system does not have`,
      hint: 'Build on an older distribution (the oldest one the app supports), and set `verify.glibc` so that the build checks it.',
    }),
  },
  {
    title: 'The temporary folder forbids execution',
    pattern: /failed to map segment from shared object/,
    diagnose: () => ({
      code: 'E_TEMP_UNUSABLE',
      retryable: false,
      reason: 'the temporary folder does not allow execution (mounted with noexec)',
      hint: "Use mode 'onedir', or set `pyinstaller.runtimeTmpdir`.",
    }),
  },
  {
    title: 'A onefile program cannot unpack itself',
    pattern:
      /Failed to extract .*decompression resulted in return code -1|Could not create temporary directory|No space left on device.*_MEI/,
    when: (evidence) => evidence.mode !== 'onedir',
    diagnose: () => ({
      code: 'E_TEMP_UNUSABLE',
      retryable: false,
      reason: 'it could not unpack itself: the temporary folder is full or not writable',
      hint: "Free some space, or use mode 'onedir', which does not unpack.",
    }),
  },
  {
    title: 'The bootloader reports an error',
    pattern: /\[PYI-\d+:ERROR\] ?([^\n]*)/,
    when: (evidence) => !evidence.greeted,
    diagnose: (match) => ({
      code: 'E_EXE_CORRUPT',
      retryable: false,
      reason: `its bootloader reported: ${match[1] ?? ''}`,
      hint: 'A file of the backend is damaged or missing (interrupted update, security software). Install the app again.',
    }),
  },
  {
    title: 'The port is taken',
    pattern: /Address already in use|EADDRINUSE|address already in use|WinError 10048/,
    diagnose: (_match, evidence) => ({
      code: null,
      retryable: null,
      reason: 'the port it wants is taken',
      hint: `Let the backend choose a port itself (backends.${evidence.name}.address: 'announce') or pass it the chosen one with {port}.`,
    }),
  },
];

/** Exit codes of Windows that say more than their number. https://learn.microsoft.com/openspecs/windows_protocols/ms-erref */
const windowsStatus: Readonly<Record<number, string>> = {
  3221225477: 'an access violation (0xC0000005)',
  3221225725: 'a stack overflow (0xC00000FD)',
  3221225781: 'a DLL it needs is missing (0xC0000135); often the Visual C++ runtime',
  3221225786: 'it was ended by Ctrl-C (0xC000013A)',
  3221226505: 'a buffer overrun was detected (0xC0000409)',
};

/** Find the cause of an end in what was seen. Pure; null when nothing is known. */
export function diagnoseExit(evidence: ExitEvidence): ExitDiagnosis | null {
  const text = evidence.tail.join('\n');
  for (const rule of exitRules) {
    if (rule.when !== undefined && !rule.when(evidence)) continue;
    const match = rule.pattern.exec(text);
    if (match !== null) return rule.diagnose(match, evidence);
  }
  const { exitCode, signal, greeted } = evidence;
  const status = exitCode === null ? undefined : windowsStatus[exitCode];
  if (status !== undefined)
    return { code: null, retryable: null, reason: status, hint: 'See the output above the end.' };
  if (!greeted && frozen(evidence) && (exitCode === 126 || exitCode === 127 || exitCode === 255)) {
    return {
      code: 'E_EXE_CORRUPT',
      retryable: false,
      reason: 'the program could not be loaded',
      hint: 'A file of the backend is damaged or missing (interrupted update, security software). Install the app again.',
    };
  }
  if (signal === 'SIGKILL') {
    return {
      code: null,
      retryable: null,
      reason: 'something killed it; often the system, for lack of memory',
      hint: 'Look into the system log for the out-of-memory killer.',
    };
  }
  return null;
}
