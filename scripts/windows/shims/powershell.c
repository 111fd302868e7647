/*
 * The powershell of Wine 8 prints nothing. This one prints, whatever it is asked, what that of Windows prints for the list of
 * processes of src/runtime/process/process-table-windows.ts: JSON with numbers, parents, programs and starts in ticks of 100 ns since year 1.
 * Asked as src/runtime/diagnose/process-usage.ts does, it prints what processes take.
 * With EPY_NO_POWERSHELL set it ends as one that a policy forbids. Besides it answers what installers of electron-builder ask: whether it can
 * be used, whether a program below their folder runs, and that such programs are stopped; and it packs a folder, as Electron Forge asks it to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <psapi.h>
#include <tlhelp32.h>

/* Programs below a folder; with `stop` they are ended. */
static int count_below(const WCHAR *folder, size_t length, int stop) {
  int count = 0;
  HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32 entry = {sizeof entry};
  for (BOOL more = Process32First(list, &entry); more; more = Process32Next(list, &entry)) {
    DWORD access = PROCESS_QUERY_LIMITED_INFORMATION | (stop ? PROCESS_TERMINATE : 0);
    HANDLE process = OpenProcess(access, FALSE, entry.th32ProcessID);
    WCHAR path[32768];
    DWORD size = 32768;
    if (process && QueryFullProcessImageNameW(process, 0, path, &size) && !_wcsnicmp(path, folder, length)) {
      count++;
      if (stop) TerminateProcess(process, 1);
    }
    if (process) CloseHandle(process);
  }
  return count;
}

/* What an installer asks; -1: it is none. */
static int answer_installer(const WCHAR *command) {
  if (wcsstr(command, L"Get-Command Get-CimInstance") || wcsstr(command, L"Get-ExecutionPolicy")) return 0;
  const WCHAR *folder = wcsstr(command, L".StartsWith('");
  if (!folder) return -1;
  folder += wcslen(L".StartsWith('");
  int stop = wcsstr(command, L"Stop-Process") != NULL;
  int count = count_below(folder, wcscspn(folder, L"'"), stop);
  return stop || count > 0 ? 0 : 1;
}

/* Number, KiB and seconds of each process after `gps -Id`; 0: it was not asked. */
static int print_usage(const WCHAR *command) {
  const WCHAR *numbers = wcsstr(command, L"gps -Id ");
  if (!numbers) return 0;
  WCHAR *rest = (WCHAR *)numbers + wcslen(L"gps -Id ") - 1;
  do {
    DWORD id = wcstoul(rest + 1, &rest, 10);
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    PROCESS_MEMORY_COUNTERS memory;
    FILETIME other, kernel, user;
    if (process && K32GetProcessMemoryInfo(process, &memory, sizeof memory) && GetProcessTimes(process, &other, &other, &kernel, &user)) {
      ULARGE_INTEGER in_system = {.LowPart = kernel.dwLowDateTime, .HighPart = kernel.dwHighDateTime};
      ULARGE_INTEGER in_program = {.LowPart = user.dwLowDateTime, .HighPart = user.dwHighDateTime};
      ULONGLONG seconds = (in_system.QuadPart + in_program.QuadPart + 5000000) / 10000000;
      printf("%lu %llu %llu\n", id, (ULONGLONG)memory.WorkingSetSize / 1024, seconds);
    }
    if (process) CloseHandle(process);
  } while (*rest == ',');
  return 1;
}

/* An argument that was quoted twice. */
static WCHAR *without_quotes(WCHAR *argument) {
  size_t length = wcslen(argument);
  if (length < 2 || argument[0] != '"') return argument;
  argument[length - 1] = 0;
  return argument + 1;
}

/* A folder into a zip, by 7za.exe; -1: that was not asked. */
static int pack_folder(void) {
  int count;
  WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count), *from = NULL, *to = NULL;
  for (int i = 0; i + 1 < count; i++) {
    if (!wcscmp(arguments[i], L"-myInPath")) from = without_quotes(arguments[i + 1]);
    if (!wcscmp(arguments[i], L"-myOutPath")) to = without_quotes(arguments[i + 1]);
  }
  if (!from || !to || !wcsstr(GetCommandLineW(), L"CreateFromDirectory")) return -1;
  WCHAR command[32768];
  _snwprintf(command, 32767, L"7za.exe a -tzip -mx1 \"%ls\" \"%ls\\*\"", to, from);
  command[32767] = 0;
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  DWORD code = 1;
  if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) return 1;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return (int)code;
}

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
  int answer = answer_installer(GetCommandLineW());
  if (answer >= 0) return answer;
  int packed = pack_folder();
  if (packed >= 0) return packed;
  if (print_usage(GetCommandLineW())) return 0;
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
