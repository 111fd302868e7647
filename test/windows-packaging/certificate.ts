import path from 'node:path';
import { execa } from 'execa';

/** A self-made certificate for signing code, as electron-builder and osslsigncode take it. The password is `test`. */
export async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate, both] = ['key.pem', 'certificate.pem', 'certificate.p12'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  const subject = ['-subj', '/CN=Windows packaging', '-addext', 'extendedKeyUsage=codeSigning'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', key, '-out', certificate];
  await execa('openssl', ['req', ...made, ...subject]);
  const parts = ['-inkey', key, '-in', certificate, '-out', both, '-passout', 'pass:test'];
  await execa('openssl', ['pkcs12', '-export', ...parts]);
  return both;
}

/** Sign a program or library in place. */
export async function signFile(file: string, certificate: string): Promise<void> {
  const signed = `${file}.signed`;
  const key = ['-pkcs12', certificate, '-pass', 'test'];
  await execa('osslsigncode', ['sign', ...key, '-h', 'sha256', '-in', file, '-out', signed]);
  await execa('mv', [signed, file]);
}
