import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestFile } from '../../../src/bundle/index.js';
import { readPeLayout, type PeLayout } from '../../../src/bundle/binary/pe.js';
import { planPeDigest } from '../../../src/bundle/binary/pe-digest.js';
import { bufferReader } from '../../../src/bundle/binary/reader.js';
import { temporaryFolder } from '../../support/files.js';
import { wheelFile, wheelFolder } from '../wheels.js';
import { notOnWindows } from '../../support/windows.js';

beforeAll(async () => {
  await wheelFolder('pyinstallerWindows');
  await wheelFolder('microsoft');
}, 600_000);

const bootloader = 'PyInstaller/bootloader/Windows-64bit-intel/run.exe';

/** What a signing tool does to the bytes: pad, append a certificate table, name it in the header, fix the checksum. */
async function sign(bytes: Buffer, certificate: Buffer): Promise<Buffer> {
  const layout = await readPeLayout(bufferReader(bytes));
  if (layout?.securityEntryOffset == null) throw new Error('the sample cannot be signed');
  const content = bytes.subarray(0, layout.certificates?.offset ?? bytes.length);
  const padded = Buffer.concat([content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
  const signed = Buffer.concat([padded, certificate]);
  signed.writeUInt32LE(padded.length, layout.securityEntryOffset);
  signed.writeUInt32LE(certificate.length, layout.securityEntryOffset + 4);
  signed.writeUInt32LE(0x12345678, layout.checksumOffset);
  return signed;
}

describe('digest of a Windows program', () => {
  it.each([0, 1, 5, 8])(
    'is not changed by signing, with %i bytes of archive appended before',
    async (tail) => {
      const folder = await temporaryFolder();
      const original = Buffer.concat([
        await readFile(await wheelFile('pyinstallerWindows', bootloader)),
        Buffer.alloc(tail, 7),
      ]);
      const plain = path.join(folder, 'plain.exe');
      const signed = path.join(folder, 'signed.exe');
      await writeFile(plain, original);
      await writeFile(signed, await sign(original, Buffer.alloc(1504, 0xab)));

      const before = await digestFile(plain, 'win32');
      const after = await digestFile(signed, 'win32');
      expect(before).toMatchObject({ algorithm: 'pe-sha256', size: original.length });
      expect(after).toMatchObject({ algorithm: 'pe-sha256', digest: before.digest });
      expect(after.size).toBeGreaterThanOrEqual(before.size);

      await writeFile(signed, await sign(await readFile(signed), Buffer.alloc(640, 0xcd)));
      expect((await digestFile(signed, 'win32')).digest).toBe(before.digest);
    },
  );

  it('is changed by every other byte', async () => {
    const folder = await temporaryFolder();
    const original = await readFile(await wheelFile('pyinstallerWindows', bootloader));
    const plain = await digestFile(await wheelFile('pyinstallerWindows', bootloader), 'win32');
    for (const at of [0x3c + 40, 1024, Math.floor(original.length / 2), original.length - 1]) {
      const changed = Buffer.from(original);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const file = path.join(folder, 'changed.exe');
      await writeFile(file, changed);
      const digested = await digestFile(file, 'win32').catch(() => null);
      expect(digested?.digest).not.toBe(plain.digest);
    }
  });

  it("is the one in Microsoft's own signature", async () => {
    const file = await wheelFile('microsoft', 'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll');
    const bytes = await readFile(file);
    const layout = await readPeLayout(bufferReader(bytes));
    const certificates = layout?.certificates;
    if (certificates == null) throw new Error('the sample is not signed');
    const table = bytes.subarray(certificates.offset, certificates.offset + certificates.size);
    const { digest } = await digestFile(file, 'win32');
    expect(table.includes(Buffer.from(digest, 'hex'))).toBe(true);
  });

  it(
    'is the one osslsigncode takes when it signs for real',
    notOnWindows('an openssl and an osslsigncode for Windows are not here'),
    async ({ skip }) => {
      const tools = await Promise.all(
        ['osslsigncode', 'openssl'].map((tool) => execa(tool, ['--version'], { reject: false })),
      );
      if (tools.some((tool) => tool.code === 'ENOENT'))
        skip('osslsigncode and openssl are not both installed');
      const folder = await temporaryFolder();
      const run = execa({ cwd: folder });
      const request = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '2'];
      const extension = ['-addext', 'extendedKeyUsage=codeSigning'];
      await run('openssl', ['req', ...request, ...extension, '-keyout', 'key.pem', '-out', 'cert.pem']);
      const plain = path.join(folder, 'plain.exe');
      await writeFile(
        plain,
        Buffer.concat([
          await readFile(await wheelFile('pyinstallerWindows', bootloader)),
          Buffer.from('PKG'),
        ]),
      );
      await run('osslsigncode', [
        'sign',
        '-h',
        'sha256',
        '-certs',
        'cert.pem',
        '-key',
        'key.pem',
        '-in',
        'plain.exe',
        '-out',
        'signed.exe',
      ]);
      const before = await digestFile(plain, 'win32');
      const after = await digestFile(path.join(folder, 'signed.exe'), 'win32');
      expect(after.digest).toBe(before.digest);
      expect(
        (await readFile(path.join(folder, 'signed.exe'))).includes(Buffer.from(before.digest, 'hex')),
      ).toBe(true);
    },
  );

  it('is an ordinary one for bundles of other platforms', async () => {
    const file = await wheelFile('pyinstallerWindows', bootloader);
    const bytes = await readFile(file);
    expect(await digestFile(file, 'linux')).toEqual({
      algorithm: 'sha256',
      size: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
    });
  });
});

describe('planPeDigest', () => {
  const layout: PeLayout = { checksumOffset: 100, securityEntryOffset: 200, certificates: null };

  it('leaves out the checksum and the entry of the certificate table, and pads to 8', () => {
    expect(planPeDigest(layout, 1001)).toEqual({
      ranges: [
        { start: 0, end: 100 },
        { start: 104, end: 200 },
        { start: 208, end: 1001 },
      ],
      padding: 7,
      contentSize: 1001,
    });
  });

  it('leaves out the certificate table and keeps what stands behind it', () => {
    const plan = planPeDigest({ ...layout, certificates: { offset: 800, size: 100 } }, 1000);
    expect(plan.ranges.slice(-2)).toEqual([
      { start: 208, end: 800 },
      { start: 900, end: 1000 },
    ]);
    expect(plan).toMatchObject({ padding: 0, contentSize: 800 });
  });
});
