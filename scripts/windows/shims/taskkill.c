/* The taskkill of Wine 8 knows no /T. This one does what that of Windows does: taskkill /PID <n> [/T] [/F], or /IM <name> */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <tlhelp32.h>

static PROCESSENTRY32 all[4096];
static int count;

static int end(DWORD pid, int tree) {
  int ok = 1;
  if (tree)
    for (int i = 0; i < count; i++)
      if (all[i].th32ParentProcessID == pid && all[i].th32ProcessID != pid) end(all[i].th32ProcessID, 1);
  HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, pid);
  if (!process || !TerminateProcess(process, 1)) {
    fprintf(stderr, "ERROR: The process with PID %lu could not be terminated.\n", pid);
    ok = 0;
  } else
    printf("SUCCESS: The process with PID %lu has been terminated.\n", pid);
  if (process) CloseHandle(process);
  return ok;
}

int main(int argc, char **argv) {
  DWORD pid = 0;
  const char *image = NULL;
  int tree = 0, found = 0;
  for (int i = 1; i < argc; i++) {
    if (!_stricmp(argv[i], "/pid") && i + 1 < argc)
      pid = strtoul(argv[++i], 0, 10);
    else if (!_stricmp(argv[i], "/im") && i + 1 < argc)
      image = argv[++i];
    else if (!_stricmp(argv[i], "/t"))
      tree = 1;
    else if (_stricmp(argv[i], "/f")) {
      fprintf(stderr, "ERROR: Invalid argument/option - '%s'.\n", argv[i]);
      return 1;
    }
  }
  HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32 entry = {sizeof entry};
  for (BOOL more = Process32First(list, &entry); more && count < 4096; more = Process32Next(list, &entry)) all[count++] = entry;
  int ok = 1;
  for (int i = 0; i < count; i++) {
    if (image ? _stricmp(all[i].szExeFile, image) : all[i].th32ProcessID != pid) continue;
    found = 1;
    ok &= end(all[i].th32ProcessID, tree);
  }
  if (!found) {
    if (image) fprintf(stderr, "ERROR: The process \"%s\" not found.\n", image);
    else fprintf(stderr, "ERROR: The process \"%lu\" not found.\n", pid);
    return 128;
  }
  return ok ? 0 : 1;
}
