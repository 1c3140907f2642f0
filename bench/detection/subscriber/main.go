// Hears of an interface through vishvananda/netlink, as Go programs do, and writes what it hears in the form of reader.c.
//
//	subscriber INTERFACE
package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"

	"github.com/vishvananda/netlink"
)

// Not in <linux/if.h> of syscall.
const iffLowerUp = 0x10000

func say(isUp bool) {
	var time syscall.Timespec
	// CLOCK_MONOTONIC, which Go's own clock does not give away.
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&time)), 0)
	word := "down"
	if isUp {
		word = "up"
	}
	fmt.Printf("%s %d\n", word, time.Nano())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	link, err := netlink.LinkByName(os.Args[1])
	check(err)
	index := link.Attrs().Index
	done := make(chan struct{})
	links := make(chan netlink.LinkUpdate)
	addresses := make(chan netlink.AddrUpdate)
	routes := make(chan netlink.RouteUpdate)
	check(netlink.LinkSubscribe(links, done))
	check(netlink.AddrSubscribe(addresses, done))
	check(netlink.RouteSubscribe(routes, done))
	fmt.Println("ready")
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		select {
		case update := <-links:
			if int(update.Index) == index {
				say(update.Header.Type == syscall.RTM_NEWLINK && update.IfInfomsg.Flags&syscall.IFF_UP != 0 &&
					update.IfInfomsg.Flags&iffLowerUp != 0)
			}
		case update := <-addresses:
			if update.LinkIndex == index && update.LinkAddress.IP.To4() != nil {
				say(update.NewAddr)
			}
		case update := <-routes:
			if update.Dst == nil && update.Gw.To4() != nil {
				say(update.Type == syscall.RTM_NEWROUTE)
			}
		}
	}
}
