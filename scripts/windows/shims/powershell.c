/*
 * The powershell of Wine 8 prints nothing. This one prints, whatever it is asked, what that of Windows prints for the list of
 * processes of src/runtime/process/process-table-windows.ts: JSON with numbers, parents, programs and starts in ticks of 100 ns since year 1.
 * With EPY_NO_POWERSHELL set it ends as one that a policy forbids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <tlhelp32.h>

static void print_path(const WCHAR *path) {
  putchar('"');
  for (; *path; path++) {
    if (*path == '"' || *path == '\\') printf("\\%c", (char)*path);
    else if (*path < 32 || *path > 126) printf("\\u%04x", *path);
    else putchar((char)*path);
  }
  putchar('"');
}

int main(void) {
  if (getenv("EPY_NO_POWERSHELL")) {
    fprintf(stderr, "This program is blocked by group policy.\n");
    return 1;
  }
  const ULONGLONG ticks_from_year_1_to_1601 = 504911232000000000ULL;
  const char *comma = "";
  HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32 entry = {sizeof entry};
  putchar('[');
  for (BOOL more = Process32First(list, &entry); more; more = Process32Next(list, &entry)) {
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, entry.th32ProcessID);
    FILETIME created, other;
    WCHAR path[32768];
    DWORD length = 32768;
    printf("%s{\"ProcessId\":%lu,\"ParentProcessId\":%lu,\"ExecutablePath\":", comma, entry.th32ProcessID, entry.th32ParentProcessID);
    if (process && QueryFullProcessImageNameW(process, 0, path, &length)) print_path(path);
    else printf("null");
    if (process && GetProcessTimes(process, &created, &other, &other, &other)) {
      ULARGE_INTEGER ticks = {.LowPart = created.dwLowDateTime, .HighPart = created.dwHighDateTime};
      printf(",\"Started\":\"%llu\"}", ticks.QuadPart + ticks_from_year_1_to_1601);
    } else
      printf(",\"Started\":null}");
    if (process) CloseHandle(process);
    comma = ",";
  }
  puts("]");
  return 0;
}
