"""A service announced and found, a serial port that echoes, a packet, drivers and hosts of SSH."""
import socket

import serial
from fabric import Config, Connection
from netmiko.ssh_dispatcher import CLASS_MAPPER
from scapy.all import IP, TCP
from serial.tools import list_ports
from zeroconf import ServiceInfo, Zeroconf

if __name__ == "__main__":
    print(Connection("ada@host", config=Config()).user, len(CLASS_MAPPER) > 50, list_ports.comports() is not None)
    address = [socket.inet_aton("127.0.0.1")]
    around = Zeroconf(interfaces=["127.0.0.1"])
    around.register_service(ServiceInfo("_epy._tcp.local.", "a._epy._tcp.local.", addresses=address, port=80))
    found = around.get_service_info("_epy._tcp.local.", "a._epy._tcp.local.")
    around.close()
    port = serial.serial_for_url("loop://", timeout=1)
    port.write(b"hi")
    print("network:", found.port, port.read(2), len(bytes(IP(dst="127.0.0.1") / TCP())))
