package lab

import (
	"bufio"
	"io"
	"net"
	"strconv"
)

// The parts of the SOCKS protocol, version 5 (RFC 1928), that a browser uses to reach a host by its name.
const (
	socksVersion = 5
	socksConnect = 1
	socksIPv4    = 1
	socksName    = 3
	socksIPv6    = 4
)

// acceptSocks plays the proxy's side of the beginning of a connection: it promises to lead to whatever host is asked
// for, and returns that host and port. The caller plays the host.
//
// A proxy of this kind sees no HTTP, so that what goes through it is what would go to the host itself.
func acceptSocks(br *bufio.Reader, w io.Writer) (host string, port uint16, err error) {
	// 1. The greeting: version, and the ways to log in, of which none is needed.
	head := make([]byte, 2)
	if _, err := io.ReadFull(br, head); err != nil {
		return "", 0, err
	}
	if head[0] != socksVersion {
		return "", 0, wireError("proxy greeting", strconv.Itoa(int(head[0])), "version 5")
	}
	if _, err := br.Discard(int(head[1])); err != nil {
		return "", 0, cutShort(err)
	}
	if _, err := w.Write([]byte{socksVersion, 0}); err != nil {
		return "", 0, err
	}
	// 2. The request: version, command, a zero, and the host by one of three kinds of address.
	req := make([]byte, 4)
	if _, err := io.ReadFull(br, req); err != nil {
		return "", 0, cutShort(err)
	}
	if req[0] != socksVersion || req[1] != socksConnect {
		return "", 0, wireError("proxy request", strconv.Itoa(int(req[1])), "command 1, to connect")
	}
	var size int
	switch req[3] {
	case socksIPv4:
		size = net.IPv4len
	case socksIPv6:
		size = net.IPv6len
	case socksName:
		n, err := br.ReadByte()
		if err != nil {
			return "", 0, cutShort(err)
		}
		size = int(n)
	default:
		return "", 0, wireError("proxy request", strconv.Itoa(int(req[3])), "address kind 1, 3 or 4")
	}
	addr := make([]byte, size+2) // and the port
	if _, err := io.ReadFull(br, addr); err != nil {
		return "", 0, cutShort(err)
	}
	host = string(addr[:size])
	if req[3] != socksName {
		host = net.IP(addr[:size]).String()
	}
	port = uint16(addr[size])<<8 | uint16(addr[size+1])
	// 3. Success, from an address that nobody asks about.
	_, err = w.Write([]byte{socksVersion, 0, 0, socksIPv4, 0, 0, 0, 0, 0, 0})
	return host, port, err
}
