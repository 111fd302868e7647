const units = ['kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in decimal units: `812 bytes`, `3.4 MB`, `120 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  let value = bytes;
  let unit = -1;
  // 999.6 kB would be shown as 1000 kB.
  while ((value >= 999.5 || unit === -1) && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}
