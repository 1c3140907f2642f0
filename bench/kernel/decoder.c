/*
 * Decodes rtnetlink messages as C programs do: for each, a table of its attributes is filled (parse_rtattr of iproute2's libnetlink).
 *
 *     decoder FILE MILLISECONDS
 *
 * FILE holds datagrams, each behind its length as a 32-bit number in the byte order of this machine. Decodes them over and over for that
 * long, and writes how many messages a second that were.
 */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGEST_FILE = 16 * 1024 * 1024, MOST_ATTRIBUTES = 128 };

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t header_length(int type)
{
	switch (type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return sizeof(struct ifinfomsg);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return sizeof(struct ifaddrmsg);
	default:
		return sizeof(struct rtmsg);
	}
}

static void parse(struct nlmsghdr *message)
{
	static struct rtattr *volatile table[MOST_ATTRIBUTES];
	size_t fixed = header_length(message->nlmsg_type);
	if (message->nlmsg_type < NLMSG_MIN_TYPE || message->nlmsg_len < NLMSG_LENGTH(fixed))
		return;
	int left = (int)(message->nlmsg_len - NLMSG_LENGTH(fixed));
	struct rtattr *attribute = (void *)((char *)NLMSG_DATA(message) + NLMSG_ALIGN(fixed));
	memset((void *)table, 0, sizeof table);
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if ((attribute->rta_type & NLA_TYPE_MASK) < MOST_ATTRIBUTES)
			table[attribute->rta_type & NLA_TYPE_MASK] = attribute;
}

static unsigned long decode_all(char *bytes, size_t size)
{
	static char datagram[64 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned long count = 0;
	for (size_t at = 0; at + 4 <= size;) {
		uint32_t length;
		memcpy(&length, bytes + at, sizeof length);
		if (length > sizeof datagram || at + 4 + length > size)
			exit(1);
		/* As recv(2) would have put it there. */
		memcpy(datagram, bytes + at + 4, length);
		at += 4 + length;
		int left = (int)length;
		for (struct nlmsghdr *message = (void *)datagram; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left)) {
			parse(message);
			count++;
		}
	}
	return count;
}

int main(int argc, char **argv)
{
	static char bytes[LARGEST_FILE];
	if (argc != 3)
		return 2;
	FILE *file = fopen(argv[1], "rb");
	if (file == NULL) {
		perror(argv[1]);
		return 1;
	}
	size_t size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	double begun = now(), elapsed;
	unsigned long count = 0;
	do {
		count += decode_all(bytes, size);
		elapsed = now() - begun;
	} while (elapsed * 1e3 < atof(argv[2]));
	printf("%.0f\n", (double)count / elapsed);
	return 0;
}
