/*
 * A complete client on the sans-IO layer of libbreeze, for POSIX: it logs in, has direct links in both
 * roles, falls back to the server, and comes back after whatever happens to its links.
 *
 *     client DIR USER SERVER_ADDRESS SERVER_PORT
 *
 * DIR keeps the identity, the server's key, and in DIR/files what others have sent of files. Each line of
 * the input is "USER TEXT", or "+USER PATH" to send a file; what happens is told in lines on the output. The
 * end of the input ends it in good order.
 *
 * It keeps no messages: those that come in are acknowledged once they are printed, and its own are
 * forgotten with it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "breeze.h"

/* Links that a client of BREEZE_CAPACITY_DEVICE has at most. */
enum { LINKS = 6, LINE = 4096, FAREWELL_MS = 2000 };

struct link {
    int fd; /* -1 while the place is free */
    uint64_t id;
    bool is_server, is_connecting, has_more;
    uint8_t *in, *out;
    size_t in_len, out_at, out_len;
};

static struct link links[LINKS];
static breeze_client *client;
static size_t in_size, out_size;
static struct sockaddr_in server;
static int listener;
static uint16_t listening_port;
static const char *folder;

static void fail(const char *what)
{
    fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(breeze_result result, const char *what)
{
    if (result != BREEZE_RESULT_OK) {
        fprintf(stderr, "client: %s: %s\n", what, breeze_result_text(result));
        exit(1);
    }
}

static uint64_t milliseconds(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fail("clock");
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static uint64_t now(void)
{
    return milliseconds(CLOCK_MONOTONIC);
}

static void draw(void *bytes, size_t len)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len) fail("random bytes");
}

/* Small files of 32 bytes, which nobody else reads. */

static bool load(const char *name, uint8_t bytes[32])
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (errno != ENOENT) fail(path);
        return false;
    }
    if (read(fd, bytes, 32) != 32) fail(path);
    close(fd);
    return true;
}

static void save(const char *name, const uint8_t bytes[32])
{
    char path[512], new_path[520];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(new_path, sizeof new_path, "%s.new", path);
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, 32) != 32 || fsync(fd) != 0 || close(fd) != 0) fail(new_path);
    if (rename(new_path, path) != 0) fail(path);
}

#include "files.h"

/* Addresses, as breeze and as the system has them. This client speaks IPv4 only. */

static breeze_address to_breeze(const struct sockaddr_in *from)
{
    breeze_address address = {.family = 4, .port = ntohs(from->sin_port), .ip = {0}};
    memcpy(address.ip, &from->sin_addr, 4);
    return address;
}

static struct sockaddr_in from_breeze(const breeze_address *from)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(from->port)};
    memcpy(&address.sin_addr, from->ip, 4);
    return address;
}

static const char *show(const breeze_address *address)
{
    static char text[64];
    char ip[INET6_ADDRSTRLEN] = "";
    inet_ntop(address->family == 6 ? AF_INET6 : AF_INET, address->ip, ip, sizeof ip);
    snprintf(text, sizeof text, "%s:%u", ip, address->port);
    return text;
}

/* Links and their sockets. */

static struct link *find(uint64_t id)
{
    for (struct link *link = links; link < links + LINKS; link++)
        if (link->fd >= 0 && link->id == id) return link;
    return NULL;
}

static struct link *take(int fd)
{
    for (struct link *link = links; link < links + LINKS; link++) {
        if (link->fd >= 0) continue;
        *link = (struct link){.fd = fd, .in = malloc(in_size), .out = malloc(out_size)};
        if (!link->in || !link->out) fail("memory");
        return link;
    }
    return NULL;
}

static void give_back(struct link *link)
{
    close(link->fd);
    free(link->in);
    free(link->out);
    *link = (struct link){.fd = -1};
}

/* A pipe has broken, or could not be opened. */
static void lose(struct link *link)
{
    uint64_t id = link->id;
    give_back(link);
    check(breeze_client_closed(client, now(), id), "closed");
}

static void set_up(int fd)
{
    int on = 1;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* A pipe that the client asked for is open. */
static void opened(struct link *link)
{
    uint8_t ephemeral[32];
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error != 0) {
        lose(link);
        return;
    }
    link->is_connecting = false;
    if (link->is_server) {
        /* Others reach this host at the address that it has towards the server. */
        struct sockaddr_in own;
        len = sizeof own;
        if (getsockname(link->fd, (struct sockaddr *)&own, &len) != 0) fail("getsockname");
        own.sin_port = htons(listening_port);
        breeze_address address = to_breeze(&own);
        check(breeze_client_listen_on(client, &address, 1), "listen_on");
    }
    draw(ephemeral, sizeof ephemeral);
    check(breeze_client_opened(client, now(), link->id, ephemeral), "opened");
}

static void dial(const breeze_output *output)
{
    bool is_server = output->user.text[0] == '\0';
    struct sockaddr_in address = is_server ? server : from_breeze(&output->address);
    int fd = is_server || output->address.family == 4 ? socket(AF_INET, SOCK_STREAM, 0) : -1;
    struct link *link = fd >= 0 ? take(fd) : NULL;
    if (!link) {
        if (fd >= 0) close(fd);
        check(breeze_client_closed(client, now(), output->link), "closed");
        return;
    }
    if (!is_server) printf("dial %s %s\n", output->user.text, show(&output->address));
    set_up(fd);
    link->id = output->link;
    link->is_server = is_server;
    link->is_connecting = true;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        opened(link);
    else if (errno != EINPROGRESS)
        lose(link);
}

static void accept_one(void)
{
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    uint8_t ephemeral[32];
    int fd = accept(listener, (struct sockaddr *)&from, &len);
    if (fd < 0) return;
    struct link *link = take(fd);
    if (!link) {
        close(fd);
        return;
    }
    set_up(fd);
    breeze_address address = to_breeze(&from);
    draw(ephemeral, sizeof ephemeral);
    if (breeze_client_accepted(client, now(), &address, ephemeral, &link->id) != BREEZE_RESULT_OK)
        give_back(link);
}

/* Sends what the link has to send, as far as its socket takes it. Says whether anything was new. */
static bool flush(struct link *link)
{
    bool is_new = false;
    for (;;) {
        if (link->out_at == link->out_len) {
            if (!link->has_more) return is_new;
            link->out_at = 0;
            check(breeze_client_transmit_files(client, transfers, &source, now(), link->id,
                                               link->out, out_size, &link->out_len),
                  "transmit");
            is_new = true;
            if (link->out_len == 0) {
                link->has_more = false;
                return is_new;
            }
        }
        ssize_t sent = send(link->fd, link->out + link->out_at, link->out_len - link->out_at,
                            MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return is_new;
        if (sent < 0) {
            lose(link);
            return true;
        }
        link->out_at += (size_t)sent;
    }
}

/* A peer's text is printed without control characters. */
static void print_text(const char *text, size_t len)
{
    for (size_t n = 0; n < len; n++) putchar((unsigned char)text[n] < ' ' ? '?' : text[n]);
}

static const char *path_name(uint32_t path)
{
    return path == BREEZE_PATH_DIRECT ? "direct" : path == BREEZE_PATH_RELAY ? "relay" : "none";
}

static void tell(const breeze_event *event)
{
    const char *user = event->user.text;
    switch (event->kind) {
    case BREEZE_EVENT_KIND_CONNECTED:
        save("server.key", event->key.bytes);
        printf("connected %s\n", show(&event->address));
        break;
    case BREEZE_EVENT_KIND_DISCONNECTED:
        printf("disconnected %s\n", event->reason_text);
        break;
    case BREEZE_EVENT_KIND_LOGIN_REFUSED:
        printf("refused %s\n", event->reason_text);
        break;
    case BREEZE_EVENT_KIND_SERVER_KEY_CHANGED:
        printf("refused the server has another key\n");
        break;
    case BREEZE_EVENT_KIND_PRESENCE:
        printf("%s %s\n", event->flag ? "online" : "offline", user);
        break;
    case BREEZE_EVENT_KIND_PATH:
        printf("path %s %s\n", user, path_name(event->path));
        check(breeze_transfers_on_path(transfers, now(), user), "on_path");
        break;
    case BREEZE_EVENT_KIND_LINK_LOST:
        printf("lost %s %s\n", user, event->reason_text);
        break;
    case BREEZE_EVENT_KIND_IMPOSTOR:
        printf("impostor %s\n", user);
        break;
    case BREEZE_EVENT_KIND_DELIVERED:
        printf("delivered %s %llu %s\n", user, (unsigned long long)event->id.seq,
               path_name(event->path));
        break;
    case BREEZE_EVENT_KIND_FAILED:
        printf("failed %s %llu %s\n", user, (unsigned long long)event->id.seq,
               event->reason_text);
        break;
    default: /* What this client does not need, and what later versions tell. */
        break;
    }
}

/* Does what the client asks for, and returns when it wants to be woken. */
static uint64_t drive(void)
{
    breeze_output output;
    uint64_t until = 0, files_until = 0;
    bool is_new = true;
    while (is_new) {
        is_new = false;
        do {
            files_until = drive_files();
            check(breeze_client_poll(client, now(), &output, sizeof output), "poll");
            struct link *link = find(output.link);
            switch (output.kind) {
            case BREEZE_OUTPUT_KIND_OPEN:
                dial(&output);
                break;
            case BREEZE_OUTPUT_KIND_TRANSMIT:
                if (link) link->has_more = true;
                break;
            case BREEZE_OUTPUT_KIND_CLOSE:
                if (!link) break;
                /* What was taken goes out if the socket has room for it. */
                if (send(link->fd, link->out + link->out_at, link->out_len - link->out_at,
                         MSG_NOSIGNAL) < 0)
                    link->out_at = link->out_len;
                give_back(link);
                break;
            case BREEZE_OUTPUT_KIND_EVENT:
                tell(&output.event);
                break;
            default:
                until = output.until_ms;
                break;
            }
        } while (output.kind != BREEZE_OUTPUT_KIND_WAIT);
        for (struct link *link = links; link < links + LINKS; link++)
            if (link->fd >= 0 && !link->is_connecting && flush(link)) is_new = true;
    }
    fflush(stdout);
    return until < files_until ? until : files_until;
}

/* Bytes have come on a link. */
static void receive(struct link *link)
{
    ssize_t len = recv(link->fd, link->in + link->in_len, in_size - link->in_len, 0);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (len <= 0) {
        lose(link);
        return;
    }
    link->in_len += (size_t)len;
    uint64_t id = link->id;
    for (;;) {
        breeze_received received;
        breeze_arrived arrived;
        check(breeze_client_received_files(client, transfers, now(), id, link->in, link->in_len,
                                           &received, sizeof received, &arrived, sizeof arrived),
              "received");
        bool is_file = arrived.kind != BREEZE_ARRIVED_KIND_NONE;
        if (is_file) take_in(&arrived);
        if (received.has_message) {
            printf("message %s %s ", received.from.text, path_name(received.path));
            print_text(received.text, received.text_len);
            putchar('\n');
            check(breeze_client_acknowledge(client, now(), received.from.text, &received.id),
                  "acknowledge");
        }
        link->in_len -= received.consumed;
        memmove(link->in, link->in + received.consumed, link->in_len);
        if (received.consumed == 0 && !received.has_message && !is_file) return;
        drive();
        if (find(id) != link) return; /* It is gone. */
    }
}

/* Sends "USER TEXT", or the file of "+USER PATH". */
static void obey(char *line)
{
    breeze_message_id id;
    char *text = strchr(line, ' ');
    if (!text) {
        printf("error a line is USER TEXT\n");
        return;
    }
    *text++ = '\0';
    if (line[0] == '+') {
        offer_file(line + 1, text);
        return;
    }
    breeze_result result = breeze_client_send(client, now(), line, text, strlen(text),
                                              milliseconds(CLOCK_REALTIME), &id);
    if (result == BREEZE_RESULT_OK)
        printf("queued %s %llu\n", line, (unsigned long long)id.seq);
    else
        printf("error %s\n", breeze_result_text(result));
}

/* Reads lines; says whether there may be more. */
static bool read_input(void)
{
    static char line[LINE];
    static size_t len;
    ssize_t got = read(STDIN_FILENO, line + len, sizeof line - len);
    if (got <= 0) return got < 0 && errno == EINTR;
    len += (size_t)got;
    for (char *end; (end = memchr(line, '\n', len)) != NULL;) {
        *end = '\0';
        obey(line);
        len -= (size_t)(end + 1 - line);
        memmove(line, end + 1, len);
    }
    if (len == sizeof line) len = 0; /* A line that long is no message. */
    return true;
}

static void start(const char *user)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t len = sizeof any;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof any) != 0 ||
        listen(listener, LINKS) != 0 || getsockname(listener, (struct sockaddr *)&any, &len) != 0)
        fail("listen");
    set_up(listener);
    listening_port = ntohs(any.sin_port);

    uint8_t identity[32], secret_seed[32];
    breeze_key server_key;
    if (!load("identity", identity)) {
        draw(identity, sizeof identity);
        save("identity", identity);
    }
    draw(secret_seed, sizeof secret_seed);
    breeze_config config;
    check(breeze_config_default(&config, sizeof config), "config");
    config.user = user;
    config.identity = identity;
    config.secret_seed = secret_seed;
    draw(&config.seed, sizeof config.seed);
    if (load("server.key", server_key.bytes)) config.server_key = &server_key;
    config.takes_files = true;
    check(breeze_config_buffers(&config, &in_size, &out_size), "buffers");
    check(breeze_client_new(BREEZE_CAPACITY_DEVICE, &config, now(), &client), "client");
    explicit_bzero(identity, sizeof identity);
    explicit_bzero(secret_seed, sizeof secret_seed);
    for (struct link *link = links; link < links + LINKS; link++) link->fd = -1;
    start_files();
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fprintf(stderr, "usage: client DIR USER SERVER_ADDRESS SERVER_PORT\n");
        return 2;
    }
    if (breeze_abi_version() != BREEZE_ABI_VERSION) {
        fprintf(stderr, "client: the library is of another version than its header\n");
        return 1;
    }
    folder = arguments[1];
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) fail(folder);
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(arguments[4]))};
    if (inet_pton(AF_INET, arguments[3], &server.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no IPv4 address\n", arguments[3]);
        return 2;
    }
    start(arguments[2]);

    uint64_t farewell = BREEZE_NEVER;
    for (;;) {
        check(breeze_client_timeout(client, now()), "timeout");
        check(breeze_transfers_timeout(transfers, now()), "timeout");
        uint64_t until = drive(), time = now();
        breeze_state state;
        check(breeze_client_state(client, &state, sizeof state), "state");
        bool is_over = state.is_stopped && !state.has_links;
        if (is_over || time >= farewell) break;
        if (farewell < until) until = farewell;

        struct pollfd fds[LINKS + 2];
        struct link *polled[LINKS + 2] = {0};
        nfds_t fd_count = 0;
        fds[fd_count++] = (struct pollfd){.fd = listener, .events = POLLIN};
        fds[fd_count++] = (struct pollfd){.fd = farewell == BREEZE_NEVER ? STDIN_FILENO : -1,
                                          .events = POLLIN};
        for (struct link *link = links; link < links + LINKS; link++) {
            if (link->fd < 0) continue;
            bool is_full = link->out_at < link->out_len;
            short events = link->is_connecting ? POLLOUT : is_full ? POLLIN | POLLOUT : POLLIN;
            polled[fd_count] = link;
            fds[fd_count++] = (struct pollfd){.fd = link->fd, .events = events};
        }
        uint64_t wait = until <= time ? 0 : until - time;
        int timeout = until == BREEZE_NEVER ? -1 : wait > 60000 ? 60000 : (int)wait;
        if (poll(fds, fd_count, timeout) < 0 && errno != EINTR) fail("poll");

        if (fds[0].revents) accept_one();
        if (fds[1].revents && !read_input()) {
            check(breeze_client_close(client, now()), "close");
            farewell = now() + FAREWELL_MS;
        }
        for (nfds_t n = 2; n < fd_count; n++) {
            struct link *link = polled[n];
            /* One that was lost meanwhile has another socket, or none. */
            if (!fds[n].revents || link->fd != fds[n].fd) continue;
            if (link->is_connecting)
                opened(link);
            else if (fds[n].revents & (POLLIN | POLLHUP | POLLERR))
                receive(link);
        }
    }
    for (struct link *link = links; link < links + LINKS; link++)
        if (link->fd >= 0) give_back(link);
    check(breeze_client_free(client), "free");
    end_files();
    close(listener);
    return 0;
}
