/*
 * Changes an interface, and says when: the clock is read right before the kernel is asked, with nothing in between.
 *
 *     changer
 *
 * Reads lines, and answers each by "BEFORE AFTER" in nanoseconds of CLOCK_MONOTONIC, or by a line with what went wrong.
 *
 *     link NAME up|down             admin state, by SIOCSIFFLAGS
 *     address add|del NAME IPV4/BITS
 *     route add|del NAME GATEWAY    the IPv4 default route
 *     blackholes add|del COUNT      so many /32 routes of 10.0.0.0/8, as fast as the kernel takes them
 *     tap NAME                      makes a TAP device, which lives as long as this program
 *     carrier NAME on|off           of a TAP device of this program, by TUNSETCARRIER
 *     flap NAME TIMES               takes its carrier and gives it back, every two milliseconds
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int rtnetlink, control;
static uint64_t asked_at;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct request {
	struct nlmsghdr header;
	union {
		struct ifaddrmsg address;
		struct rtmsg route;
	};
	char attributes[64];
};

static void begin(struct request *request, int type, int flags, size_t length)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(length);
	request->header.nlmsg_type = (uint16_t)type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
}

static void append(struct request *request, int type, const void *value, size_t length)
{
	struct rtattr *attribute = (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	memcpy(RTA_DATA(attribute), value, length);
	request->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(RTA_LENGTH(length)));
}

/* To be called right before the kernel is asked; of several times in one command the first counts. */
static void stamp(void)
{
	if (asked_at == 0)
		asked_at = now();
}

/* Returns 0, or the errno of the kernel's answer. */
static int ask(const struct request *request)
{
	char answer[1024];
	stamp();
	if (send(rtnetlink, request, request->header.nlmsg_len, 0) == -1)
		return errno;
	if (recv(rtnetlink, answer, sizeof answer, 0) == -1)
		return errno;
	return -((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error;
}

static int set_link(const char *name, const char *state)
{
	struct ifreq request = { 0 };
	snprintf(request.ifr_name, IFNAMSIZ, "%.15s", name);
	if (ioctl(control, SIOCGIFFLAGS, &request) == -1)
		return errno;
	if (strcmp(state, "up") == 0)
		request.ifr_flags |= IFF_UP;
	else
		request.ifr_flags &= ~IFF_UP;
	stamp();
	return ioctl(control, SIOCSIFFLAGS, &request) == -1 ? errno : 0;
}

static int change_address(const char *verb, const char *name, const char *prefix)
{
	char text[INET_ADDRSTRLEN];
	int bits;
	struct in_addr address;
	if (sscanf(prefix, "%15[0-9.]/%d", text, &bits) != 2 || inet_pton(AF_INET, text, &address) != 1)
		return EINVAL;
	int adds = strcmp(verb, "add") == 0;
	struct request request;
	begin(&request, adds ? RTM_NEWADDR : RTM_DELADDR, adds ? NLM_F_CREATE | NLM_F_EXCL : 0, sizeof request.address);
	request.address.ifa_family = AF_INET;
	request.address.ifa_prefixlen = (unsigned char)bits;
	request.address.ifa_index = if_nametoindex(name);
	append(&request, IFA_LOCAL, &address, sizeof address);
	append(&request, IFA_ADDRESS, &address, sizeof address);
	return ask(&request);
}

static void begin_route(struct request *request, const char *verb, int type)
{
	int adds = strcmp(verb, "add") == 0;
	begin(request, adds ? RTM_NEWROUTE : RTM_DELROUTE, adds ? NLM_F_CREATE | NLM_F_EXCL : 0, sizeof request->route);
	request->route.rtm_family = AF_INET;
	request->route.rtm_table = RT_TABLE_MAIN;
	request->route.rtm_protocol = adds ? RTPROT_BOOT : RTPROT_UNSPEC;
	request->route.rtm_scope = adds ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
	request->route.rtm_type = (unsigned char)type;
}

static int change_route(const char *verb, const char *name, const char *gateway_text)
{
	struct in_addr gateway;
	if (inet_pton(AF_INET, gateway_text, &gateway) != 1)
		return EINVAL;
	uint32_t index = if_nametoindex(name);
	struct request request;
	begin_route(&request, verb, RTN_UNICAST);
	append(&request, RTA_GATEWAY, &gateway, sizeof gateway);
	append(&request, RTA_OIF, &index, sizeof index);
	return ask(&request);
}

static int change_blackholes(const char *verb, long count)
{
	for (long n = 0; n < count; n++) {
		uint32_t destination = htonl(0x0a000000u + (uint32_t)n);
		struct request request;
		begin_route(&request, verb, RTN_BLACKHOLE);
		request.route.rtm_dst_len = 32;
		append(&request, RTA_DST, &destination, sizeof destination);
		int error = ask(&request);
		if (error != 0)
			return error;
	}
	return 0;
}

enum { MOST_TAPS = 16 };
static struct { char name[IFNAMSIZ]; int fd; } taps[MOST_TAPS];
static int tap_count;

static int open_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd == -1 || tap_count == MOST_TAPS)
		return fd == -1 ? errno : ENFILE;
	snprintf(request.ifr_name, IFNAMSIZ, "%.15s", name);
	stamp();
	if (ioctl(fd, TUNSETIFF, &request) == -1)
		return errno;
	memcpy(taps[tap_count].name, request.ifr_name, IFNAMSIZ);
	taps[tap_count++].fd = fd;
	return 0;
}

static int set_carrier(const char *name, int carrier)
{
	for (int i = 0; i < tap_count; i++)
		if (strcmp(taps[i].name, name) == 0) {
			stamp();
			return ioctl(taps[i].fd, TUNSETCARRIER, &carrier) == -1 ? errno : 0;
		}
	return ENODEV;
}

static int flap(const char *name, long times)
{
	for (long n = 0; n < 2 * times; n++) {
		int error = set_carrier(name, n % 2 != 0);
		if (error != 0)
			return error;
		usleep(1000);
	}
	return 0;
}

static int change(const char *what, const char *first, const char *second, const char *third)
{
	if (strcmp(what, "link") == 0)
		return set_link(first, second);
	if (strcmp(what, "address") == 0)
		return change_address(first, second, third);
	if (strcmp(what, "route") == 0)
		return change_route(first, second, third);
	if (strcmp(what, "blackholes") == 0)
		return change_blackholes(first, atol(second));
	if (strcmp(what, "tap") == 0)
		return open_tap(first);
	if (strcmp(what, "carrier") == 0)
		return set_carrier(first, strcmp(second, "on") == 0);
	if (strcmp(what, "flap") == 0)
		return flap(first, atol(second));
	return EINVAL;
}

int main(void)
{
	char line[256], what[32], first[64], second[64], third[64];
	rtnetlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rtnetlink == -1 || control == -1) {
		perror("socket");
		return 1;
	}
	while (fgets(line, sizeof line, stdin) != NULL) {
		*what = *first = *second = *third = '\0';
		sscanf(line, "%31s %63s %63s %63s", what, first, second, third);
		asked_at = 0;
		int error = change(what, first, second, third);
		uint64_t after = now();
		if (error == 0)
			printf("%llu %llu\n", (unsigned long long)asked_at, (unsigned long long)after);
		else
			printf("failed: %s: %s", strerror(error), line);
		fflush(stdout);
	}
	return 0;
}
