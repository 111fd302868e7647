/* The netstat of Wine 8 names no processes. This one prints the listeners of IPv4 as that of Windows does for -ano. */
#include <winsock2.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  DWORD size = 0;
  GetExtendedTcpTable(NULL, &size, FALSE, AF_INET, TCP_TABLE_OWNER_PID_LISTENER, 0);
  MIB_TCPTABLE_OWNER_PID *table = malloc(size + 4096);
  size += 4096;
  if (GetExtendedTcpTable(table, &size, FALSE, AF_INET, TCP_TABLE_OWNER_PID_LISTENER, 0)) return 1;
  printf("\nActive Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n");
  for (DWORD i = 0; i < table->dwNumEntries; i++) {
    const MIB_TCPROW_OWNER_PID *row = &table->table[i];
    const unsigned char *a = (const unsigned char *)&row->dwLocalAddr;
    char local[32];
    sprintf(local, "%d.%d.%d.%d:%d", a[0], a[1], a[2], a[3], ntohs((u_short)row->dwLocalPort));
    printf("  TCP    %-22s 0.0.0.0:0              LISTENING       %lu\n", local, row->dwOwningPid);
  }
  return 0;
}
