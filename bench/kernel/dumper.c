/*
 * Reads all interfaces of its namespace by RTM_GETLINK, in a buffer as large as the kernel likes to fill.
 *
 *     dumper
 *
 * For each line that it reads it dumps once, and answers "COUNT NANOSECONDS".
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Returns how many there are, or -1. */
static long dump(int fd)
{
	static char buffer[1024 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = {
			.nlmsg_len = sizeof request,
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	long count = 0;
	if (send(fd, &request, sizeof request, 0) == -1)
		return -1;
	for (;;) {
		ssize_t length = recv(fd, buffer, sizeof buffer, 0);
		if (length == -1)
			return -1;
		int left = (int)length;
		for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return count;
			if (message->nlmsg_type == NLMSG_ERROR)
				return -1;
			count++;
		}
	}
}

int main(void)
{
	char line[16];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	while (fgets(line, sizeof line, stdin) != NULL) {
		uint64_t begun = now();
		long count = dump(fd);
		printf("%ld %llu\n", count, (unsigned long long)(now() - begun));
		fflush(stdout);
	}
	return 0;
}
