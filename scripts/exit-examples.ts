/** A line for each rule of src/runtime/life/exit-diagnosis.ts, by its title, as it is really printed. */
export const exitExamples: Readonly<Record<string, string>> = {
  'A module is missing': "ModuleNotFoundError: No module named 'services.training'",
  'The metadata of a package is missing':
    'importlib.metadata.PackageNotFoundError: No package metadata was found for tqdm',
  'A certificate cannot be verified':
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)',
  'glibc is too old': "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by engine)",
  'The temporary folder forbids execution':
    'error while loading shared libraries: libpython3.12.so.1.0: failed to map segment from shared object',
  'A onefile program cannot unpack itself': '[PYI-4711:ERROR] Could not create temporary directory!',
  'The bootloader reports an error':
    "[PYI-4711:ERROR] Could not load PyInstaller's embedded PKG archive from the executable (/opt/app/resources/engine/engine)",
  'The port is taken':
    "ERROR: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
};
