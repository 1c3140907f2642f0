/*
 * Hears of an interface through the same rtnetlink multicast groups as netpause does, with nothing between the kernel and the clock: the
 * least time in which a process can know.
 *
 *     reader INTERFACE [BUSY_US PERIOD_US]
 *
 * Writes "ready", then "down TIME" or "up TIME" for each message that says so, where TIME is CLOCK_MONOTONIC in nanoseconds after the
 * message was understood. Ends with its standard input, with "heard MESSAGES DATAGRAMS WAKEUPS". With BUSY_US it keeps its own loop busy for
 * that long in every PERIOD_US, as a busy event loop is.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

unsigned int if_nametoindex(const char *name); /* <net/if.h> clashes with <linux/if.h> */

enum { RECEIVE_BUFFER = 4 * 1024 * 1024, LARGEST_DATAGRAM = 64 * 1024 };

static const int GROUPS[] = {
	RTNLGRP_LINK,	     RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE,
	RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP,
};

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_rtnetlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd == -1)
		fail("socket");
	int size = RECEIVE_BUFFER;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == -1)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1)
		fail("bind");
	for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &GROUPS[i], sizeof GROUPS[i]) == -1)
			fail("NETLINK_ADD_MEMBERSHIP");
	return fd;
}

static int open_timer(long period_us)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct timespec period = { .tv_sec = period_us / 1000000, .tv_nsec = period_us % 1000000 * 1000 };
	struct itimerspec times = { .it_interval = period, .it_value = period };
	if (fd == -1 || timerfd_settime(fd, 0, &times, NULL) == -1)
		fail("timerfd");
	return fd;
}

/* What a message says of the interface: its last word on whether there is a way out, or NULL. */
static const char *judge(const struct nlmsghdr *message, int index)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK: {
		const struct ifinfomsg *link = NLMSG_DATA(message);
		if (link->ifi_index != index || link->ifi_family != AF_UNSPEC)
			return NULL;
		return (link->ifi_flags & IFF_UP) && (link->ifi_flags & IFF_LOWER_UP) ? "up" : "down";
	}
	case RTM_NEWADDR:
	case RTM_DELADDR: {
		const struct ifaddrmsg *address = NLMSG_DATA(message);
		if ((int)address->ifa_index != index || address->ifa_family != AF_INET)
			return NULL;
		return message->nlmsg_type == RTM_NEWADDR ? "up" : "down";
	}
	case RTM_NEWROUTE:
	case RTM_DELROUTE: {
		const struct rtmsg *route = NLMSG_DATA(message);
		if (route->rtm_family != AF_INET || route->rtm_dst_len != 0 || route->rtm_table != RT_TABLE_MAIN)
			return NULL;
		return message->nlmsg_type == RTM_NEWROUTE ? "up" : "down";
	}
	default:
		return NULL;
	}
}

static unsigned long messages, datagrams, wakeups;

static void read_all(int fd, int index)
{
	static char buffer[LARGEST_DATAGRAM] __attribute__((aligned(NLMSG_ALIGNTO)));
	for (;;) {
		ssize_t length = recv(fd, buffer, sizeof buffer, 0);
		if (length == -1 && errno == ENOBUFS)
			continue;
		if (length == -1)
			return;
		datagrams++;
		int left = (int)length;
		for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left)) {
			messages++;
			const char *word = judge(message, index);
			if (word != NULL) {
				uint64_t at = now();
				printf("%s %llu\n", word, (unsigned long long)at);
				fflush(stdout);
			}
		}
	}
}

static void burn(int timer, long busy_us)
{
	uint64_t expirations;
	uint64_t until = now() + (uint64_t)busy_us * 1000;
	while (now() < until)
		;
	if (read(timer, &expirations, sizeof expirations) == -1 && errno != EAGAIN)
		fail("read");
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		fail("epoll_ctl");
}

int main(int argc, char **argv)
{
	if (argc != 2 && argc != 4)
		return 2;
	int index = (int)if_nametoindex(argv[1]);
	long busy_us = argc == 4 ? atol(argv[2]) : 0;
	int rtnetlink = open_rtnetlink();
	int timer = busy_us > 0 ? open_timer(atol(argv[3])) : -1;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(epoll, STDIN_FILENO);
	watch(epoll, rtnetlink);
	if (timer != -1)
		watch(epoll, timer);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		struct epoll_event event;
		if (epoll_wait(epoll, &event, 1, -1) == -1) {
			if (errno == EINTR)
				continue;
			fail("epoll_wait");
		}
		wakeups++;
		if (event.data.fd == rtnetlink)
			read_all(rtnetlink, index);
		else if (event.data.fd == timer)
			burn(timer, busy_us);
		else
			break;
	}
	printf("heard %lu %lu %lu\n", messages, datagrams, wakeups);
	return 0;
}
