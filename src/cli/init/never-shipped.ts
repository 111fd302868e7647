import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Keys and certificates. */
const keyFile =
  /\.(?:pem|key|crt|cer|der|csr|p12|pfx|p8|pkcs12|jks|keystore|kdbx?|asc|gpg|pgp|ppk|ovpn|mobileprovision|age)$|^id_(?:rsa|dsa|ecdsa|ed25519)|^authorized_keys$|^known_hosts$/i;

/** Databases of the developer. */
const database =
  /\.(?:db3?|sqlite3?|sqlitedb|mdb|accdb|duckdb|rdb|ldb|dump|bak|sql\.gz)(?:[-.](?:wal|shm|journal|bak|\d+))?$/i;

/** Names that say that the content is not for everybody. */
const secretName =
  /secret|credential|passw(?:or)?d|passphrase|private[-_. ]?key|api[-_. ]?keys?|access[-_. ]?key|(?:access|auth|refresh|bot|api)[-_. ]?tokens?(?![a-z])|(?:^|[-_. ])tokens?(?:\.|$)|service[-_. ]?account|client[-_. ]?secret|oauth|(?:^|[-_. ])auth\.(?:json|ya?ml|toml|ini)$|htpasswd|netrc|pypirc|npmrc|kubeconfig|wallet|(?:^|[-_. ])(?:creds?|keys)(?:\.|$)|firebase-adminsdk|gcloud|\.aws|\.ssh/i;

/** Environment files, whatever stands behind or before the dot. */
const environmentFile = /^\.env(?:\..*|rc)?$|^env$|\.env(?:\.(?!py$)[^.]*)?$/i;

/** What configures tools, not the program. */
const toolFile =
  /^(?:requirements.*\.(?:txt|in)|constraints.*\.txt|pyproject\.toml|poetry\.toml|pdm\.toml|uv\.toml|.*\.lock|pipfile.*|setup\.(?:cfg|py)|manifest\.in|tox\.ini|noxfile\.py|mypy\.ini|pytest\.ini|pylintrc|pyrightconfig\.json|ruff\.toml|alembic\.ini|package(?:-lock)?\.json|tsconfig.*\.json|(?:docker-)?compose.*\.ya?ml|dockerfile.*|makefile|justfile|procfile|environment.*\.ya?ml|conda.*\.ya?ml|\.pre-commit.*|codecov\.ya?ml|mkdocs\.ya?ml|readme.*|changelog.*|license.*|contributing.*|gunicorn\.conf.*|electron-builder\..*|pyinstaller\.config\..*|.*\.spec)$/i;

/** Content that is a secret whatever the file is called. */
const secretContent = [
  /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(?:ghp|gho|ghs|github_pat|glpat|xox[abps]|sk_live|rk_live|hf)[-_][A-Za-z0-9_-]{16,}/,
  /\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}/,
  /\bAIza[0-9A-Za-z_-]{35}\b/,
  /["']?\b[\w.-]*(?:password|passwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|client[_-]?secret)["']?\s*[:=]\s*["']?(?!(?:null|none|true|false|changeme|change-me|your|todo|xxx|\$|\{|<|%)\b)[^\s"'<>{}$%,]{6,}/i,
  /\b[a-z][a-z0-9+]*:\/\/[^\s/:@"']+:[^\s/:@"'<{$]+@/i,
];

/** Reasons that do not speak against a file in a folder that the code reads. */
export const isCode = 'is code';
export const forTools = 'configures a tool';
export const hidden = 'is hidden';

/** Why a file must not be proposed for shipping, told from its name; null: nothing speaks against it. Pure. */
export function neverShipped(file: string): string | null {
  const name = path.basename(file);
  if (environmentFile.test(name)) return 'holds the developer’s environment';
  if (keyFile.test(name)) return 'is a key or a certificate';
  if (database.test(name)) return 'is a database';
  if (secretName.test(name)) return 'looks like a secret by its name';
  if (/\.(?:log|pid|lock|tmp|swp)$/i.test(name)) return 'is written while programs run';
  if (toolFile.test(name)) return forTools;
  if (/\.py[cdow]?$/i.test(name)) return isCode;
  if (name.startsWith('.')) return hidden;
  return null;
}

/** The same, told from what is in it; null as well when that cannot be read. */
export async function secretInside(file: string): Promise<string | null> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size > 2_000_000) return null;
  const text = await readFile(file, 'latin1').catch(() => '');
  if (text.startsWith('SQLite format 3')) return 'is a database';
  // Pictures, models and the like hold anything by chance.
  if (text.includes('\0')) return null;
  return secretContent.some((pattern) => pattern.test(text))
    ? 'has something in it that looks like a secret'
    : null;
}
