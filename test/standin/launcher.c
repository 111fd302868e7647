/*
 * electron.exe of the stand-in for Windows: runs node.exe beside it with the stand-in's program, as the script of the stand-in for Linux
 * does. It is not Electron; see stand-in/README.md. VERSION is the version that it stands in for.
 */
#include <stdio.h>
#include <windows.h>

/* What @electron/fuses looks for in Electron's binary; nobody reads it. */
__attribute__((used)) static const char fuses[] = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\001\011" "111111111";

/* What stands behind the program's own name on the command line. */
static const WCHAR *rest_of_command_line(void) {
  const WCHAR *at = GetCommandLineW();
  WCHAR end = *at == '"' ? '"' : ' ';
  if (end == '"') at++;
  while (*at && *at != end) at++;
  if (*at == '"') at++;
  while (*at == ' ') at++;
  return at;
}

int wmain(void) {
  static WCHAR self[32768], folder[32768], command[32768];
  GetModuleFileNameW(NULL, self, 32768);
  wcscpy(folder, self);
  *wcsrchr(folder, '\\') = 0;
  const WCHAR *rest = rest_of_command_line();
  if (_wgetenv(L"ELECTRON_RUN_AS_NODE"))
    swprintf(command, 32768, L"\"%ls\\node.exe\" --require \"%ls\\stand-in\\preload.cjs\" %ls", folder, folder, rest);
  else
    swprintf(command, 32768,
             L"\"%ls\\node.exe\" --disable-warning=ExperimentalWarning --require \"%ls\\stand-in\\preload.cjs\" \"%ls\\stand-in\\main.cjs\" \"%ls\" %hs %ls",
             folder, folder, folder, self, VERSION, rest);
  /* Node ends with the launcher, as if both were one process; what Node starts is not concerned. */
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION node;
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &node)) {
    fprintf(stderr, "electron stand-in: node.exe was not started: error %lu\n", GetLastError());
    return 127;
  }
  AssignProcessToJobObject(job, node.hProcess);
  ResumeThread(node.hThread);
  WaitForSingleObject(node.hProcess, INFINITE);
  DWORD code = 1;
  GetExitCodeProcess(node.hProcess, &code);
  return (int)code;
}
