#pragma once
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// Milliseconds since boot, sleep included. No clock step touches it.
static inline int64_t clinux_boottime_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Milliseconds of wall time since 1970.
static inline int64_t clinux_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// The Glibc module lacks malloc.h.
static inline void clinux_trim_memory(void) {
    malloc_trim(0);
}

static inline int clinux_open_directory(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// A socket's path may have 107 bytes only; through /proc/self/fd a name in a deep directory still fits.
static inline int clinux_socket_name(struct sockaddr_un *address, int directory, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", directory, name);
    return length > 0 && (size_t)length < sizeof address->sun_path;
}

/// A datagram socket that listens under `name` in `directory`, or -1.
static inline int clinux_bell(int directory, const char *name) {
    struct sockaddr_un address;
    if (!clinux_socket_name(&address, directory, name)) return -1;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    unlinkat(directory, name, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/// A datagram socket to ring with, or -1.
static inline int clinux_ringer(void) {
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/// Sends one empty datagram. Answers 0 or an errno: ECONNREFUSED means that the listener is gone.
static inline int clinux_ring(int fd, int directory, const char *name) {
    struct sockaddr_un address;
    if (!clinux_socket_name(&address, directory, name)) return ENAMETOOLONG;
    return sendto(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
}

/// Waits for a ring, or for the end of the socket, and takes everything that waits with it, so that many rings wake
/// once. Answers -1 where the socket is none any more.
static inline int clinux_await_ring(int fd) {
    char rings[64];
    ssize_t size;
    do size = recv(fd, rings, sizeof rings, 0);
    while (size < 0 && errno == EINTR);
    if (size < 0) return -1;
    while (recv(fd, rings, sizeof rings, MSG_DONTWAIT) >= 0) {}
    return 0;
}

/// Opens or creates a file that only its owner may read, or -1.
static inline int clinux_open_private(const char *path) {
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static inline int clinux_open_to_read(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC);
}

/// Starts a program with nothing on its input and `output` as both of its outputs; answers its number, or -1.
///
/// It dies with the thread that started it (PR_SET_PDEATHSIG), so that no child outlives a killed parent. It gets a
/// process group of its own: what a terminal sends to the foreground reaches the parent alone, which decides.
/// Between fork and exec only async-signal-safe calls are made.
static inline pid_t clinux_spawn(const char *path, char *const arguments[], char *const environment[], int output) {
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        struct sigaction standard;
        memset(&standard, 0, sizeof standard);
        standard.sa_handler = SIG_DFL;
        for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(127);
        setpgid(0, 0);
        int nothing = open("/dev/null", O_RDONLY);
        if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
        syscall(SYS_close_range, 3u, ~0u, 0u);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(path, arguments, environment);
        _exit(127);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return child;
}

/// How a child ended: its exit status, or 128 and the number of the signal; -1 while it runs.
static inline int clinux_child_status(pid_t child) {
    int status;
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return -1;
    if (ended < 0) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Both ends of a pipe that no other program inherits: 0, or -1. The end to read from does not block.
static inline int clinux_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/// Where requests to stop are written: one byte each.
static int clinux_stop_end __attribute__((unused)) = -1;

static inline void clinux_on_stop(int number) {
    int before = errno;
    char byte = (char)number;
    ssize_t written = write(clinux_stop_end, &byte, 1);
    (void)written;
    errno = before;
}

/// From when this returns, SIGTERM and SIGINT write a byte to a pipe and do nothing else. Answers its other end, which
/// does not block, or -1; then the signals still end the process.
static inline int clinux_catch_stop(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    clinux_stop_end = ends[1];
    struct sigaction caught;
    memset(&caught, 0, sizeof caught);
    caught.sa_handler = clinux_on_stop;
    caught.sa_flags = SA_RESTART;
    sigemptyset(&caught.sa_mask);
    sigaction(SIGTERM, &caught, NULL);
    sigaction(SIGINT, &caught, NULL);
    return ends[0];
}
