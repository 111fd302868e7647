import { DamagedFile } from '../binary/reader.js';

/** What PyInstaller's tables of contents are made of. */
export type MarshalValue = number | string | null | boolean | readonly MarshalValue[];

/** Tables nest three deep; more is damage. */
const maxDepth = 8;
/** Set on values that a later `r` may refer to. */
const referenceFlag = 0x80;

/**
 * Read the part of Python's `marshal` format that a list of (name, (type, offset, length)) needs: lists, tuples,
 * strings, integers and references. Format: `Python/marshal.c` of CPython.
 *
 * @throws DamagedFile for anything else.
 */
export function readMarshal(bytes: Buffer): MarshalValue {
  const references: MarshalValue[] = [];
  let at = 0;
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length)
      throw new DamagedFile(`its table ends at byte ${bytes.length}`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const int32 = (): number => take(4).readInt32LE();
  const byte = (): number => take(1).readUInt8();
  const items = (count: number, depth: number): MarshalValue[] => {
    // Each item takes at least one byte: a count beyond that is damage, and must not become an allocation.
    if (count < 0 || count > bytes.length - at) throw new DamagedFile(`its table claims ${count} items`);
    return Array.from({ length: count }, () => read(depth + 1));
  };
  const plain = (type: string): MarshalValue => {
    switch (type) {
      case 'i':
        return int32();
      case 'l':
        return long(int32(), () => take(2).readUInt16LE());
      case 'z':
      case 'Z':
        return take(byte()).toString('latin1');
      case 'a':
      case 'A':
        return take(int32()).toString('latin1');
      case 'u':
      case 't':
        return take(int32()).toString('utf8');
      case 'N':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      default:
        throw new DamagedFile(`its table has an element of the unknown type ${JSON.stringify(type)}`);
    }
  };
  const read = (depth: number): MarshalValue => {
    if (depth > maxDepth) throw new DamagedFile('its table is nested too deep');
    const code = byte();
    const type = String.fromCharCode(code & ~referenceFlag);
    if (type === 'r') {
      const value = references[int32()];
      if (value === undefined) throw new DamagedFile('its table refers to something that is not there');
      return value;
    }
    const isReferenced = (code & referenceFlag) !== 0;
    const index = references.length;
    // A container takes its number before its contents do.
    if (isReferenced) references.push(null);
    const value =
      type === ')'
        ? items(byte(), depth)
        : type === '(' || type === '['
          ? items(int32(), depth)
          : plain(type);
    if (isReferenced) references[index] = value;
    return value;
  };
  return read(0);
}

/** An integer beyond 32 bits: digits of 15 bits, the sign in the count. */
function long(count: number, digit: () => number): number {
  if (Math.abs(count) > 4) throw new DamagedFile(`its table has a number of ${count} digits`);
  let value = 0;
  for (let index = 0; index < Math.abs(count); index++) value += digit() * 2 ** (15 * index);
  return count < 0 ? -value : value;
}
