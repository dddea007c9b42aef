/*
 * Uses a node of libbreeze as badly as C lets one: NULL, wrong sizes, buffers too small, calls too late,
 * threads that wait as it ends, commands that go away in the middle. node_misuse HOME SERVER
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "breeze.h"

static int tried;
static char event[4 * 1024 * 1024];

static void expect_at(int line, breeze_result wanted, breeze_result result)
{
    tried++;
    if (result == wanted) return;
    printf("line %d: %u (%s), not %u\n", line, result, breeze_result_text(result), wanted);
    exit(1);
}

#define EXPECT(wanted, call) expect_at(__LINE__, BREEZE_RESULT_##wanted, call)

static void require_at(int line, int holds)
{
    tried++;
    if (holds) return;
    printf("line %d: it does not hold\n", line);
    exit(1);
}

#define REQUIRE(holds) require_at(__LINE__, holds)

static breeze_node_options options;

static breeze_node *start(void)
{
    breeze_node *node = NULL;
    char why[1024] = "";
    if (breeze_node_start(&options, &node, why, sizeof why)) {
        printf("%s\n", why);
        exit(1);
    }
    return node;
}

/* Takes events until one has this part. */
static void wait_for(breeze_node *node, const char *part)
{
    size_t len;
    do EXPECT(OK, breeze_node_next_event(node, BREEZE_NEVER, event, sizeof event, &len));
    while (!strstr(event, part));
}

static void bad_options(void)
{
    breeze_node *node = (breeze_node *)&tried;
    char why[1024] = "", tiny[8];
    _Alignas(breeze_node_options) char bytes[sizeof options + 8] = {0};
    breeze_node_options bad = options;
    EXPECT(NULL_POINTER, breeze_node_options_default(NULL, sizeof options));
    EXPECT(BAD_SIZE, breeze_node_options_default(&bad, sizeof bad - 1));
    EXPECT(MISALIGNED, breeze_node_options_default((void *)(bytes + 1), sizeof options));
    EXPECT(NULL_POINTER, breeze_node_start(NULL, &node, why, sizeof why));
    EXPECT(MISALIGNED, breeze_node_start((void *)(bytes + 1), &node, why, sizeof why));
    EXPECT(BAD_SIZE, breeze_node_start((void *)bytes, &node, why, sizeof why));
    EXPECT(NULL_POINTER, breeze_node_start(&options, NULL, why, sizeof why));
    EXPECT(NULL_POINTER, breeze_node_start(&options, &node, NULL, sizeof why));
    EXPECT(BAD_SIZE, breeze_node_start(&options, &node, why, SIZE_MAX));
    bad.user = "\xff";
    EXPECT(BAD_TEXT, breeze_node_start(&bad, &node, why, sizeof why));
    REQUIRE(why[0] == 0);
    bad.user = "Not A User";
    EXPECT(NOT_STARTED, breeze_node_start(&bad, &node, NULL, 0));
    memset(tiny, 'x', sizeof tiny);
    EXPECT(NOT_STARTED, breeze_node_start(&bad, &node, tiny, sizeof tiny));
    REQUIRE(memchr(tiny, 0, sizeof tiny) != NULL && tiny[0] != 0);
    EXPECT(NOT_STARTED, breeze_node_start(&bad, &node, tiny, 1));
    REQUIRE(tiny[0] == 0);
    bad = options;
    bad.mesh = "sometimes";
    EXPECT(NOT_STARTED, breeze_node_start(&bad, &node, why, sizeof why));
    REQUIRE(strstr(why, "sometimes") != NULL);
    bad = options;
    bad.home = "/dev/null/home";
    EXPECT(NOT_STARTED, breeze_node_start(&bad, &node, why, sizeof why));
    REQUIRE(node == (breeze_node *)&tried);
}

static void no_node(void)
{
    breeze_node *odd = (breeze_node *)((char *)&options + 1);
    size_t len;
    int fd;
    EXPECT(NULL_POINTER, breeze_node_send(NULL, "bob", "hi", NULL));
    EXPECT(NULL_POINTER, breeze_node_command(NULL, "{}"));
    EXPECT(NULL_POINTER, breeze_node_next_event(NULL, 0, event, sizeof event, &len));
    EXPECT(NULL_POINTER, breeze_node_fd(NULL, &fd));
    EXPECT(NULL_POINTER, breeze_node_stop(NULL));
    EXPECT(OK, breeze_node_free(NULL));
    EXPECT(MISALIGNED, breeze_node_send(odd, "bob", "hi", NULL));
    EXPECT(MISALIGNED, breeze_node_command(odd, "{}"));
    EXPECT(MISALIGNED, breeze_node_next_event(odd, 0, event, sizeof event, &len));
    EXPECT(MISALIGNED, breeze_node_fd(odd, &fd));
    EXPECT(MISALIGNED, breeze_node_stop(odd));
    EXPECT(MISALIGNED, breeze_node_free(odd));
}

static void bad_calls(breeze_node *node)
{
    size_t len = 77, needed;
    char small[1] = {'x'};
    EXPECT(NULL_POINTER, breeze_node_send(node, NULL, "hi", NULL));
    EXPECT(NULL_POINTER, breeze_node_send(node, "bob", NULL, NULL));
    EXPECT(BAD_TEXT, breeze_node_send(node, "bob", "\xc0\x80", NULL));
    EXPECT(BAD_TEXT, breeze_node_send(node, "bob", "hi", "\xff"));
    EXPECT(BAD_COMMAND, breeze_node_send(node, "Not A User", "hi", NULL));
    EXPECT(NULL_POINTER, breeze_node_command(node, NULL));
    const char *lines[] = {"", "[]", "{", "{\"cmd\":\"nonsense\"}", "{\"cmd\":\"send\"}", "{}{}"};
    for (size_t n = 0; n < sizeof lines / sizeof *lines; n++)
        EXPECT(BAD_COMMAND, breeze_node_command(node, lines[n]));
    EXPECT(BAD_TEXT, breeze_node_command(node, "\xff"));
    EXPECT(NULL_POINTER, breeze_node_fd(node, NULL));

    wait_for(node, "\"ready\"");
    EXPECT(OK, breeze_node_command(node, "{\"cmd\":\"contact\",\"user\":\"nobody\",\"ref\":\"r\"}"));
    /* Until the answer comes nothing is taken: it is the next event, or behind others. */
    EXPECT(NULL_POINTER, breeze_node_next_event(node, 0, NULL, 8, &len));
    EXPECT(BAD_SIZE, breeze_node_next_event(node, 0, event, 0, &len));
    EXPECT(BAD_SIZE, breeze_node_next_event(node, 0, event, SIZE_MAX, &len));
    EXPECT(NULL_POINTER, breeze_node_next_event(node, 0, event, sizeof event, NULL));
    REQUIRE(len == 77);
    EXPECT(BUFFER_TOO_SMALL, breeze_node_next_event(node, BREEZE_NEVER, small, 1, &needed));
    REQUIRE(small[0] == 'x' && needed > 1);
    EXPECT(BUFFER_TOO_SMALL, breeze_node_next_event(node, 0, event, needed, &len));
    REQUIRE(len == needed);
    EXPECT(OK, breeze_node_next_event(node, 0, event, needed + 1, &len));
    REQUIRE(len == needed && event[len] == 0 && strlen(event) == len);
    while (breeze_node_next_event(node, 200, event, sizeof event, &len) == BREEZE_RESULT_OK) {}
    len = 77;
    EXPECT(TIMED_OUT, breeze_node_next_event(node, 0, event, sizeof event, &len));
    REQUIRE(len == 77);
}

/* A second node on the same home directory. */
static void twice(void)
{
    breeze_node *node = NULL;
    char why[1024] = "";
    EXPECT(NOT_STARTED, breeze_node_start(&options, &node, why, sizeof why));
    REQUIRE(node == NULL && strstr(why, "runs a node") != NULL);
}

/* Commands that attach, ask for much, read nothing, and are gone: what is written to them may raise
 * SIGPIPE, which ends a program that does not ignore it. */
static void deserters(breeze_node *node)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/node.sock", options.home);
    size_t len;
    for (int round = 0; round < 20; round++) {
        int guest = socket(AF_UNIX, SOCK_STREAM, 0);
        REQUIRE(connect(guest, (struct sockaddr *)&address, sizeof address) == 0);
        for (int n = 0; n < 100; n++) {
            static const char line[] = "{\"cmd\":\"who\"}\n";
            REQUIRE(send(guest, line, sizeof line - 1, MSG_NOSIGNAL) == (ssize_t)sizeof line - 1);
        }
        close(guest);
        EXPECT(OK, breeze_node_send(node, "nobody", "told to all who are attached", NULL));
        while (breeze_node_next_event(node, 20, event, sizeof event, &len) == BREEZE_RESULT_OK) {}
    }
}

static void *take_all(void *node)
{
    static __thread char own[4096];
    size_t len;
    breeze_result result;
    do result = breeze_node_next_event(node, BREEZE_NEVER, own, sizeof own, &len);
    while (result == BREEZE_RESULT_OK);
    return (void *)(uintptr_t)result;
}

static void late_calls(breeze_node *node)
{
    pthread_t threads[3];
    for (int n = 0; n < 3; n++) REQUIRE(pthread_create(&threads[n], NULL, take_all, node) == 0);
    EXPECT(OK, breeze_node_stop(node));
    EXPECT(OK, breeze_node_stop(node));
    for (int n = 0; n < 3; n++) {
        void *result;
        REQUIRE(pthread_join(threads[n], &result) == 0);
        EXPECT(ENDED, (breeze_result)(uintptr_t)result);
    }
    size_t len;
    int fd = -1;
    EXPECT(ENDED, breeze_node_next_event(node, BREEZE_NEVER, event, sizeof event, &len));
    EXPECT(ENDED, breeze_node_send(node, "bob", "too late", NULL));
    EXPECT(ENDED, breeze_node_command(node, "{\"cmd\":\"who\"}"));
    EXPECT(OK, breeze_node_fd(node, &fd));
    REQUIRE(fd >= 0);
    EXPECT(OK, breeze_node_free(node));
}

int main(int count, char **arguments)
{
    if (count != 3) return 2;
    signal(SIGPIPE, SIG_DFL);
    EXPECT(OK, breeze_node_options_default(&options, sizeof options));
    options.home = arguments[1], options.server = arguments[2], options.user = "misuser";
    bad_options();
    no_node();
    breeze_node *node = start();
    twice();
    bad_calls(node);
    deserters(node);
    late_calls(node);
    /* The home directory is free at once, nothing stays open, and a node can be ended before it has done
     * anything. */
    int lowest = dup(STDIN_FILENO);
    close(lowest);
    for (int n = 0; n < 3; n++) EXPECT(OK, breeze_node_free(start()));
    int later = dup(STDIN_FILENO);
    close(later);
    REQUIRE(lowest == later);
    /* Quit is a command like others. */
    node = start();
    EXPECT(OK, breeze_node_command(node, "{\"cmd\":\"quit\"}"));
    EXPECT(ENDED, (breeze_result)(uintptr_t)take_all(node));
    EXPECT(OK, breeze_node_free(node));
    printf("%d tries, all of them refused or harmless\n", tried);
    return 0;
}
