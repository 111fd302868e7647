/*
 * Stand-ins for the plug-ins of NSIS that electron-builder's installers call and no package registry has: one library, copied under the
 * name of each (StdUtils, UAC, WinShell, SpiderBanner, Nsis7z). What an installer does with files and the registry is done as by the
 * originals; Nsis7z unpacks with 7za.exe, which the bench has. No window, no elevation, no taskbar.
 *
 * https://nsis.sourceforge.io/Examples/Plugin: a function gets the window, the length of strings, the variables and the stack.
 */
#include <stdio.h>
#include <windows.h>
#include <shellapi.h>

typedef struct entry {
  struct entry *next;
  WCHAR text[1];
} entry;

#define PLUGIN(name) __declspec(dllexport) void name(HWND window, int length, WCHAR *variables, entry **stack, void *more)
#define MAX 8192

static void pop(entry **stack, WCHAR *to) {
  *to = 0;
  entry *top = *stack;
  if (!top) return;
  lstrcpynW(to, top->text, MAX);
  *stack = top->next;
  GlobalFree(top);
}

static void push(entry **stack, int length, const WCHAR *text) {
  entry *top = GlobalAlloc(GPTR, sizeof(entry) + length * sizeof(WCHAR));
  lstrcpynW(top->text, text, length);
  top->next = *stack;
  *stack = top;
}

/* The command line behind the program's name. */
static const WCHAR *arguments(void) {
  const WCHAR *at = GetCommandLineW();
  WCHAR end = *at == '"' ? '"' : ' ';
  if (end == '"') at++;
  while (*at && *at != end) at++;
  if (*at == '"') at++;
  while (*at == ' ') at++;
  return at;
}

/* The value of --name or /name=value on the command line; NULL: not given. */
static const WCHAR *parameter(const WCHAR *name) {
  static WCHAR value[MAX];
  int count;
  WCHAR **list = CommandLineToArgvW(GetCommandLineW(), &count);
  size_t length = wcslen(name);
  const WCHAR *found = NULL;
  for (int i = 1; i < count && !found; i++) {
    const WCHAR *one = list[i];
    if (one[0] == '-' && one[1] == '-') one += 2;
    else if (one[0] == '/' || one[0] == '-') one++;
    else continue;
    if (_wcsnicmp(one, name, length) || (one[length] && one[length] != '=')) continue;
    lstrcpynW(value, one[length] ? one + length + 1 : L"", MAX);
    found = value;
  }
  LocalFree(list);
  return found;
}

/* StdUtils */
PLUGIN(TestParameter) {
  WCHAR name[MAX];
  pop(stack, name);
  push(stack, length, parameter(name) ? L"true" : L"false");
}
PLUGIN(GetParameter) {
  WCHAR name[MAX], otherwise[MAX];
  pop(stack, otherwise);
  pop(stack, name);
  const WCHAR *value = parameter(name);
  push(stack, length, value ? value : otherwise);
}
PLUGIN(GetAllParameters) {
  WCHAR truncate[MAX];
  pop(stack, truncate);
  push(stack, length, arguments());
}
PLUGIN(GetParentPath) {
  WCHAR path[MAX];
  pop(stack, path);
  WCHAR *last = wcsrchr(path, '\\');
  if (last) *last = 0;
  push(stack, length, path);
}
PLUGIN(ExecShellAsUser) {
  WCHAR file[MAX], verb[MAX], args[MAX];
  pop(stack, args);
  pop(stack, verb);
  pop(stack, file);
  push(stack, length, ShellExecuteW(NULL, verb, file, args, NULL, SW_SHOWNORMAL) > (HINSTANCE)32 ? L"ok" : L"error");
}
PLUGIN(Dummy) {}
PLUGIN(Unload) {}

/* UAC: 2 asks for an administrator, 3 for a parent that elevated; neither is so. */
PLUGIN(_) {
  WCHAR what[MAX];
  pop(stack, what);
  if (*what == '2' || *what == '3') push(stack, length, L"0");
}

/* WinShell */
PLUGIN(SetLnkAUMI) {
  WCHAR text[MAX];
  pop(stack, text);
  pop(stack, text);
}
PLUGIN(UninstShortcut) {
  WCHAR text[MAX];
  pop(stack, text);
}
PLUGIN(UninstAppUserModelId) {
  WCHAR text[MAX];
  pop(stack, text);
}

/* SpiderBanner; installers run silently here. */
PLUGIN(Show) {}

/* Nsis7z: into the current folder. */
PLUGIN(Extract) {
  WCHAR archive[MAX], command[MAX + 64];
  pop(stack, archive);
  swprintf(command, MAX + 64, L"7za.exe x -y -bd \"%ls\"", archive);
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION unpacker;
  if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &startup, &unpacker)) return;
  WaitForSingleObject(unpacker.hProcess, INFINITE);
}
