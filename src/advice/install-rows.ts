import type { AdviceRow } from './row.js';

/** Failures of pip, uv and venv, the most exact first. */
export const installRows: readonly AdviceRow[] = [
  {
    id: 'hash-mismatch',
    title: 'A package has another hash',
    at: ['install'],
    example: 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES|Hash mismatch for/i,
    cause: () => 'A downloaded package has another hash than the requirements say.',
    edit: () =>
      'Make the lock again (`pip-compile --generate-hashes`, `uv lock`, …). If nobody changed it, do not: the package was replaced.',
  },
  {
    id: 'hash-missing',
    title: 'A requirement has no hash',
    at: ['install'],
    example: 'ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==.',
    pattern:
      /In --require-hashes mode, all requirements must have|Can't verify hashes for these|requires? a hash|must have their versions pinned/i,
    cause: () => 'Hashes are required, but some requirement (perhaps an indirect one) has none.',
    edit: () =>
      'Make the file with all indirect requirements: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`.',
  },
  {
    id: 'index-certificate',
    title: 'The certificate of the package index is not accepted',
    at: ['install'],
    example:
      'SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))',
    pattern:
      /CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError|invalid peer certificate|UnknownIssuer|self.signed certificate/i,
    cause: () => 'The TLS certificate of the package index was not accepted.',
    edit: () =>
      "Behind a company proxy set PIP_CERT (pip) or SSL_CERT_FILE (uv) to the company's certificate file.",
  },
  {
    id: 'proxy',
    title: 'The proxy refuses',
    at: ['install'],
    example: 'ProxyError("Cannot connect to proxy.", OSError("Tunnel connection failed: 407"))',
    pattern: /ProxyError|Cannot connect to proxy|407 Proxy Authentication/i,
    cause: () => 'The proxy refused the connection.',
    edit: () => 'Check HTTPS_PROXY and NO_PROXY, user name and password included.',
  },
  {
    id: 'index-credentials',
    title: 'The package index refuses the credentials',
    at: ['install'],
    example: 'ERROR: HTTP error 401 while getting https://example.com/x: 401 Client Error: Unauthorized',
    pattern:
      /401 (?:Client Error|Unauthorized)|403 (?:Client Error|Forbidden)|status code 40[13]|User for \S+:/i,
    cause: () => 'The package index refused the credentials.',
    edit: () =>
      'Give them in PIP_INDEX_URL / UV_INDEX_URL, in a .netrc file or in the keyring; not in the configuration file.',
  },
  {
    id: 'index-unreachable',
    title: 'The package index cannot be reached',
    at: ['install'],
    example: 'error: Failed to fetch: `https://pypi.org/simple/six/`',
    pattern:
      /Name or service not known|Temporary failure in name resolution|getaddrinfo failed|nodename nor servname|dns error|Failed to establish a new connection|Connection refused|Network is unreachable|Could not connect|ConnectTimeoutError|Read timed out|Failed to fetch|network was disabled|error sending request/i,
    cause: () => 'The package index could not be reached.',
    edit: (_groups, { add }) =>
      `Check the network and the proxy (HTTPS_PROXY). Without a network use a folder of wheels: ${add("python: { offline: true, findLinks: ['<folder>'] }")}`,
  },
  {
    id: 'built-elsewhere',
    title: 'A requirement names a file of another machine',
    at: ['install'],
    example:
      "ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '/croot/idna_1714398848350/work'",
    pattern:
      /Could not install packages due to an \w+: \[(?:Errno|WinError) [23]\] [^\n]*?: '([^'\n]+)'|Distribution not found at: (\S+)/,
    cause: ([file]) =>
      `The requirements name ${file}, which is not on this machine. \`pip freeze\` in a conda environment writes such lines (\`name @ file:///…\`), with files of the machine where the package was built.`,
    edit: () =>
      'Write the versions instead (`idna==3.7`): `pip list --format=freeze > requirements.txt` in that environment.',
  },
  {
    id: 'wrong-platform',
    title: 'A package has nothing for this system',
    at: ['install'],
    example: 'ERROR: No matching distribution found for pywin32==306',
    pattern:
      /(?:No matching distribution found for |requirement )((?:pywin|pypiwin|windows-|winrt|win32|wmi\b|pyobjc|appnope\b|uvloop\b|python-magic-bin\b)[\w.-]*(?:[<>=!~]=?[^\s;(]*)?)|([\w.-]+(?:[<>=!~]=?[^\s]*)?) has no (?:wheels|usable wheels|source distribution)[^\n]*with a matching platform tag/i,
    cause: ([name = '']) => `${name} has no release for this system.`,
    edit: ([name = '']) =>
      `Ask for it only where it exists, with a marker in the requirements: \`${name}; sys_platform == '${systemOf(name)}'\`.`,
  },
  {
    id: 'no-release',
    title: 'No release of a package fits',
    at: ['install'],
    example: 'ERROR: No matching distribution found for fastapy',
    pattern:
      /No matching distribution found for ([^\n]+)|Could not find a version that satisfies the requirement ([^\n]+?)(?: \(from|\n|$)|([\w.-]+) was not found in the (?:package registry|provided package locations)/i,
    cause: ([name = '']) =>
      `No release of ${name.trim()} fits: the name, the version, this Python or this platform.`,
    edit: ([name = '']) =>
      `Check the spelling and the version. A package for one system only needs a marker, such as \`${name.trim().replace(/\s*[;(].*$/, '')}; sys_platform == 'win32'\`. A package without a wheel for a very new Python needs an older one: \`python.version\`.`,
  },
  {
    id: 'conflict',
    title: 'The requirements contradict each other',
    at: ['install'],
    example: 'ERROR: ResolutionImpossible: for help visit https://pip.pypa.io',
    pattern:
      /ResolutionImpossible|conflicting dependencies|requirements are unsatisfiable|No solution found/i,
    cause: () => 'The requirements contradict each other, or nothing satisfies one of them.',
    edit: () =>
      'The lines above name the packages: loosen one of them, or allow another Python with `python.version`.',
  },
  {
    id: 'requires-python',
    title: 'A package does not support this Python',
    at: ['install'],
    example: "ERROR: Package 'x' requires a different Python: 3.13.0 not in '<3.13'",
    // pip lists old releases it passed over in one line, whatever the failure is.
    pattern: /requires a different Python|^(?!.*Ignored the following versions).*requires-python/im,
    cause: () => 'A package does not support this Python version.',
    edit: () => 'Set `python.version` to a range it supports, or choose another release of the package.',
  },
  {
    id: 'no-compiler',
    title: 'A package must be compiled, and there is no compiler',
    at: ['install'],
    example: 'error: Microsoft Visual C++ 14.0 or greater is required.',
    pattern:
      /Microsoft Visual C\+\+ .* is required|command '?[^']*(?:gcc|cc|clang|cl\.exe)[^']*'? failed|unable to execute '?[^']*(?:gcc|cc|clang)|No such file or directory: '(?:gcc|cc|clang|c\+\+)'|can't find Rust compiler|Python\.h: No such file/i,
    cause: () =>
      'A package has no wheel for this Python and platform, and there is no compiler (or no Python headers) to build it.',
    edit: () =>
      'Use a Python version the package has wheels for (`python.version`), or install a compiler and python3-dev.',
  },
  {
    id: 'wheel-build',
    title: 'A package cannot be built',
    at: ['install'],
    example: 'error: subprocess-exited-with-error',
    pattern:
      /Failed building wheel|Failed to build|metadata-generation-failed|subprocess-exited-with-error|Build backend failed/i,
    cause: () => 'A package had to be built from source and that failed.',
    edit: () =>
      'Use a Python version the package has wheels for (`python.version`), or look at the log for what its build needs.',
  },
  {
    id: 'no-venv',
    title: 'This Python cannot make environments',
    at: ['install'],
    example: 'The virtual environment was not created successfully because ensurepip is not available.',
    pattern:
      /ensurepip is not available|returned non-zero exit status.*ensurepip|No module named '?(?:ensurepip|venv)/i,
    cause: () => 'This Python cannot make virtual environments.',
    edit: () => 'Install `python3-venv` (Debian, Ubuntu), or install uv.',
  },
  {
    id: 'environment-permission',
    title: 'The environment cannot be written',
    at: ['install'],
    example:
      "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'c:\\\\x.pyd'",
    pattern: /Permission denied|Access is denied|\[WinError (?:5|32)\]|Read-only file system/i,
    cause: () => 'A file could not be written.',
    edit: () =>
      'Check who owns the cache folder; on Windows close programs (and virus scanners) that hold files of it.',
  },
  {
    id: 'invalid-requirement',
    title: 'A line is no requirement',
    at: ['install'],
    example: "ERROR: Invalid requirement: 'six====': Expected end",
    pattern:
      /Invalid requirement|Couldn't parse requirement|Could not open requirements file|error: Failed to parse/i,
    cause: () => 'A requirements file has a line that is not a requirement.',
    edit: () => 'The message names the line.',
  },
];

/** Value of `sys_platform` on the one system that a package is for; Windows has the most of them. */
function systemOf(name: string): 'win32' | 'darwin' | 'linux' {
  if (/^(?:pyobjc|appnope)/i.test(name)) return 'darwin';
  return /^(?:nvidia-|triton\b)/i.test(name) ? 'linux' : 'win32';
}
