/** What is known about a message of pip, uv or venv. */
interface KnownFailure {
  readonly pattern: RegExp;
  readonly cause: string;
  readonly fix: string;
}

/** First match wins: the more exact rows come first. */
const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /No space left on device|ENOSPC|\[Errno 28\]|os error 28|There is not enough space on the disk/i,
    cause: 'The disk is full.',
    fix: 'Free some space, or set `cacheDir` to a folder on another disk.',
  },
  {
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES|Hash mismatch for/i,
    cause: 'A downloaded package has another hash than the requirements say.',
    fix: 'Make the lock again (`pip-compile --generate-hashes`, `uv lock`, …). If nobody changed it, do not: the package was replaced.',
  },
  {
    pattern:
      /In --require-hashes mode, all requirements must have|Can't verify hashes for these|requires? a hash|must have their versions pinned/i,
    cause: 'Hashes are required, but some requirement (perhaps an indirect one) has none.',
    fix: 'Make the file with all indirect requirements: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`.',
  },
  {
    pattern:
      /CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError|invalid peer certificate|UnknownIssuer|self.signed certificate/i,
    cause: 'The TLS certificate of the package index was not accepted.',
    fix: "Behind a company proxy set PIP_CERT (pip) or SSL_CERT_FILE (uv) to the company's certificate file.",
  },
  {
    pattern: /ProxyError|Cannot connect to proxy|407 Proxy Authentication/i,
    cause: 'The proxy refused the connection.',
    fix: 'Check HTTPS_PROXY and NO_PROXY, user name and password included.',
  },
  {
    pattern:
      /401 (?:Client Error|Unauthorized)|403 (?:Client Error|Forbidden)|status code 40[13]|User for \S+:/i,
    cause: 'The package index refused the credentials.',
    fix: 'Give them in PIP_INDEX_URL / UV_INDEX_URL, in a .netrc file or in the keyring; not in the configuration file.',
  },
  {
    pattern:
      /Name or service not known|Temporary failure in name resolution|getaddrinfo failed|nodename nor servname|dns error|Failed to establish a new connection|Connection refused|Network is unreachable|Could not connect|ConnectTimeoutError|Read timed out|Failed to fetch|network was disabled|error sending request/i,
    cause: 'The package index could not be reached.',
    fix: 'Check the network and the proxy (HTTPS_PROXY). Without a network use `python.findLinks` with a folder of wheels and `python.offline: true`.',
  },
  {
    pattern:
      /ResolutionImpossible|conflicting dependencies|requirements are unsatisfiable|No solution found/i,
    cause: 'The requirements contradict each other, or nothing satisfies one of them.',
    fix: 'The lines above name the packages: loosen one of them, or allow another Python with `python.version`.',
  },
  {
    pattern: /requires a different Python|Requires-Python|requires-python/i,
    cause: 'A package does not support this Python version.',
    fix: 'Set `python.version` to a range it supports, or choose another release of the package.',
  },
  {
    pattern:
      /No matching distribution found|Could not find a version that satisfies|was not found in the package registry/i,
    cause: 'No release of a package fits: the name, the version, this Python or this platform.',
    fix: 'Check the spelling and the version. A package without a wheel for a very new Python needs an older one: `python.version`.',
  },
  {
    pattern:
      /Microsoft Visual C\+\+ .* is required|command '?[^']*(?:gcc|cc|clang|cl\.exe)[^']*'? failed|unable to execute '?[^']*(?:gcc|cc|clang)|No such file or directory: '(?:gcc|cc|clang|c\+\+)'|can't find Rust compiler|Python\.h: No such file/i,
    cause:
      'A package has no wheel for this Python and platform, and there is no compiler (or no Python headers) to build it.',
    fix: 'Use a Python version the package has wheels for (`python.version`), or install a compiler and python3-dev.',
  },
  {
    pattern:
      /Failed building wheel|Failed to build|metadata-generation-failed|subprocess-exited-with-error|Build backend failed/i,
    cause: 'A package had to be built from source and that failed.',
    fix: 'Use a Python version the package has wheels for (`python.version`), or look at the log for what its build needs.',
  },
  {
    pattern:
      /ensurepip is not available|returned non-zero exit status.*ensurepip|No module named '?(?:ensurepip|venv)/i,
    cause: 'This Python cannot make virtual environments.',
    fix: 'Install `python3-venv` (Debian, Ubuntu), or install uv.',
  },
  {
    pattern: /Permission denied|Access is denied|\[WinError (?:5|32)\]|Read-only file system/i,
    cause: 'A file could not be written.',
    fix: 'Check who owns the cache folder; on Windows close programs (and virus scanners) that hold files of it.',
  },
  {
    pattern:
      /Invalid requirement|Couldn't parse requirement|Could not open requirements file|error: Failed to parse/i,
    cause: 'A requirements file has a line that is not a requirement.',
    fix: 'The message names the line.',
  },
];

/** Recognise what went wrong from an installer's output. null: not known. Pure. */
export function explainInstallFailure(
  output: string,
): { readonly cause: string; readonly fix: string } | null {
  const known = knownFailures.find(({ pattern }) => pattern.test(output));
  return known === undefined ? null : { cause: known.cause, fix: known.fix };
}
