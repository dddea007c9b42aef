/* A chat in some ten lines: chat HOME SERVER USER PEER [MESH]. What is typed goes to PEER, what happens is
 * printed. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "breeze.h"

int main(int count, char **arguments)
{
    static char line[65536], event[524288];
    breeze_node_options options;
    breeze_node *node;
    size_t len;
    if (count < 5 || breeze_node_options_default(&options, sizeof options)) return 2;
    options.home = arguments[1], options.server = arguments[2], options.user = arguments[3];
    options.mesh = arguments[5]; /* NULL if there is none. */
    if (breeze_node_start(&options, &node, line, sizeof line)) return fprintf(stderr, "%s\n", line), 1;
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
    breeze_node_fd(node, &fds[1].fd);
    setvbuf(stdin, NULL, _IONBF, 0); /* So that poll(2) sees all that is there. */
    while (poll(fds, 2, -1) > 0) {
        breeze_result result = BREEZE_RESULT_TIMED_OUT;
        if (fds[1].revents) result = breeze_node_next_event(node, 0, event, sizeof event, &len);
        if (result == BREEZE_RESULT_OK) printf("%s\n", event), fflush(stdout);
        if (result == BREEZE_RESULT_ENDED) break;
        if (fds[0].revents && !fgets(line, sizeof line, stdin)) break;
        if (fds[0].revents) breeze_node_send(node, arguments[4], strtok(line, "\n"), NULL);
    }
    return (int)breeze_node_free(node);
}
