/*
 * Runs a program again and again, and says what each run has taken: nothing but the kernel stands between the clock and the program.
 *
 *     run-times COUNT PROGRAM [ARGUMENT…]
 *
 * Prints "ELAPSED CPU" for each, in nanoseconds: from before it was started until it had ended, and on a processor. What the program prints
 * is dropped. Ends with code 1 as soon as one does not end with code 0.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t nanoseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int left = atoi(argv[1]); left > 0; left--) {
		pid_t pid;
		int status;
		struct rusage usage;
		uint64_t begun = now();
		if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) != 0 || wait4(pid, &status, 0, &usage) != pid)
			return 1;
		uint64_t elapsed = now() - begun;
		if (status != 0)
			return 1;
		printf("%llu %llu\n", (unsigned long long)elapsed,
		       (unsigned long long)(nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)));
	}
	return 0;
}
