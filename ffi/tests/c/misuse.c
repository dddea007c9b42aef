/*
 * Uses libbreeze as badly as C lets one: NULL, wrong sizes, calls too late, clocks that go back, bytes
 * that mean nothing. All of it has to be refused, or to be harmless.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breeze.h"

static int tried;

static void expect_at(int line, breeze_result wanted, breeze_result result)
{
    tried++;
    if (result == wanted) return;
    printf("line %d: %u (%s), not %u\n", line, result, breeze_result_text(result), wanted);
    exit(1);
}

#define EXPECT(wanted, call) expect_at(__LINE__, BREEZE_RESULT_##wanted, call)

/* Every call with a client that is none. */
static void call_all(breeze_client *client, breeze_result wanted)
{
    breeze_message_id id = {1, 1};
    breeze_address address = {.family = 4, .port = 1, .ip = {127, 0, 0, 1}};
    breeze_output output;
    breeze_received received;
    breeze_state state;
    uint8_t bytes[32] = {0};
    uint64_t link;
    size_t len;
    bool flag;
    breeze_result results[] = {
        breeze_client_poll(client, 0, &output, sizeof output),
        breeze_client_opened(client, 0, 1, bytes),
        breeze_client_accepted(client, 0, &address, bytes, &link),
        breeze_client_closed(client, 0, 1),
        breeze_client_received(client, 0, 1, bytes, sizeof bytes, &received, sizeof received),
        breeze_client_transmit(client, 0, 1, bytes, sizeof bytes, &len),
        breeze_client_timeout(client, 0),
        breeze_client_send(client, 0, "bob", "hi", 2, 0, &id),
        breeze_client_send_numbered(client, 0, "bob", &id, "hi", 2, 0),
        breeze_client_resume(client, 0, "bob", &id, 1),
        breeze_client_acknowledge(client, 0, "bob", &id),
        breeze_client_mark_read(client, 0, "bob", &id),
        breeze_client_watch(client, 0, "bob"),
        breeze_client_unwatch(client, "bob"),
        breeze_client_pin(client, 0, "bob", NULL, false),
        breeze_client_listen_on(client, &address, 1),
        breeze_client_moved(client, 0),
        breeze_client_close(client, 0),
        breeze_client_state(client, &state, sizeof state),
        breeze_client_is_blocked(client, "bob", &flag),
    };
    for (size_t n = 0; n < sizeof results / sizeof *results; n++) {
        tried++;
        if (results[n] == wanted) continue;
        printf("call %zu: %u, not %u\n", n, results[n], wanted);
        exit(1);
    }
}

/* Files, as badly. */
static void misuse_files(breeze_client *client)
{
    breeze_transfers *transfers = NULL;
    breeze_file_output output;
    breeze_received received;
    breeze_arrived arrived;
    breeze_hash hash;
    breeze_source source = {0};
    uint8_t bytes[32] = {0};
    size_t len = 0;
    breeze_offer offer = {.name = "..", .name_len = 2, .size = 5};
    EXPECT(BAD_VALUE, breeze_transfers_new(3, &transfers));
    EXPECT(NULL_POINTER, breeze_transfers_new(1, NULL));
    EXPECT(OK, breeze_transfers_new(1, &transfers));
    EXPECT(NOT_A_CLIENT, breeze_client_timeout((breeze_client *)transfers, 0));
    EXPECT(NOT_TRANSFERS, breeze_transfers_timeout((breeze_transfers *)client, 0));
    EXPECT(NOT_TRANSFERS, breeze_transfers_deinit(transfers));
    EXPECT(BAD_FILE_NAME, breeze_transfers_offer(transfers, "bob", 1, &offer, 0));
    offer.name = "a";
    EXPECT(NULL_POINTER, breeze_transfers_offer(transfers, NULL, 1, &offer, 0));
    offer.name_len = 1;
    EXPECT(OK, breeze_transfers_offer(transfers, "bob", 1, &offer, 0));
    EXPECT(TRANSFER_KNOWN, breeze_transfers_offer(transfers, "bob", 1, &offer, 0));
    EXPECT(TRANSFERS_FULL, breeze_transfers_accept(transfers, "bob", 2, 5, bytes, 1, 0));
    EXPECT(BAD_VALUE, breeze_transfers_end(transfers, "bob", 1, true, 99));
    for (int n = 0; n < 3; n++)
        EXPECT(OK, breeze_transfers_end(transfers, "bob", 1, true, BREEZE_FILE_END_CANCELLED));
    EXPECT(BAD_SIZE, breeze_transfers_poll(transfers, &output, sizeof output - 1));
    EXPECT(NULL_POINTER, breeze_client_transmit_files(client, transfers, &source, 0, 1, bytes,
                                                      sizeof bytes, &len));
    EXPECT(BAD_SIZE, breeze_client_received_files(client, transfers, 0, 1, bytes, sizeof bytes,
                                                  &received, sizeof received, &arrived, 1));
    EXPECT(BAD_SIZE, breeze_block_hash(6, 0, bytes, 5, &hash));
    EXPECT(BAD_SIZE, breeze_tree_join(3 * BREEZE_BLOCK, &hash, 1, &hash));
    EXPECT(OK, breeze_transfers_free(transfers));
    EXPECT(OK, breeze_transfers_free(NULL));
}

/* A number that looks like nothing. */
static uint32_t noise(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

int main(void)
{
    uint8_t secret[32];
    breeze_config config;
    breeze_client *client = NULL;
    breeze_key key;
    memset(secret, 1, sizeof secret);

    EXPECT(NULL_POINTER, breeze_config_default(NULL, sizeof config));
    EXPECT(BAD_SIZE, breeze_config_default(&config, sizeof config + 1));
    EXPECT(OK, breeze_config_default(&config, sizeof config));
    EXPECT(NULL_POINTER, breeze_client_new(BREEZE_CAPACITY_DEVICE, &config, 0, &client));
    config.user = "alice";
    config.identity = secret;
    EXPECT(NULL_POINTER, breeze_client_new(BREEZE_CAPACITY_DEVICE, &config, 0, &client));
    config.secret_seed = secret;
    EXPECT(NULL_POINTER, breeze_client_new(BREEZE_CAPACITY_DEVICE, &config, 0, NULL));
    EXPECT(NULL_POINTER, breeze_client_new(BREEZE_CAPACITY_DEVICE, NULL, 0, &client));
    EXPECT(BAD_VALUE, breeze_client_new(99, &config, 0, &client));
    EXPECT(NULL_POINTER, breeze_identity_key(NULL, &key));
    EXPECT(NULL_POINTER, breeze_key_fingerprint(&key, NULL));
    if (client != NULL) return 1;

    /* Storage of the host's: every size up to the right one is too small. */
    size_t size = breeze_client_size(BREEZE_CAPACITY_DEVICE);
    uint8_t *storage = aligned_alloc(BREEZE_CLIENT_ALIGN, (size + 15) / 16 * 16);
    if (storage == NULL) return 1;
    memset(storage, 0x5a, size);
    for (size_t less = 1; less <= size; less += 97)
        EXPECT(BAD_SIZE, breeze_client_init(storage, size - less, BREEZE_CAPACITY_DEVICE, &config, 0,
                                            &client));
    EXPECT(MISALIGNED, breeze_client_init(storage + 1, size, BREEZE_CAPACITY_DEVICE, &config, 0,
                                          &client));
    call_all(NULL, BREEZE_RESULT_NULL_POINTER);
    call_all((breeze_client *)storage, BREEZE_RESULT_NOT_A_CLIENT);
    EXPECT(OK, breeze_client_init(storage, size, BREEZE_CAPACITY_DEVICE, &config, 1000, &client));

    /* A clock that goes back, and links that never were. */
    for (uint64_t now = 1000; now > 0; now -= 100) {
        breeze_output output;
        EXPECT(OK, breeze_client_timeout(client, now));
        do {
            EXPECT(OK, breeze_client_poll(client, now, &output, sizeof output));
            if (output.kind == BREEZE_OUTPUT_KIND_OPEN)
                EXPECT(OK, breeze_client_opened(client, now, output.link, secret));
        } while (output.kind != BREEZE_OUTPUT_KIND_WAIT);
        EXPECT(OK, breeze_client_closed(client, now, noise()));
    }

    /* Bytes that mean nothing, in pieces, from whoever dials. */
    for (int round = 0; round < 500; round++) {
        breeze_address from = {.family = round % 2 ? 4 : 6, .port = 1, .ip = {1}};
        breeze_output output;
        uint64_t link;
        EXPECT(OK, breeze_client_accepted(client, 1000, &from, secret, &link));
        size_t len = noise() % 600;
        uint8_t *bytes = malloc(len + 6);
        if (bytes == NULL) return 1;
        memcpy(bytes, "BRZ\2\0 ", 6);
        for (size_t n = 0; n < len; n++) bytes[6 + n] = (uint8_t)noise();
        size_t start = noise() % 3 * 3, end = len + 6;
        while (start < end) {
            breeze_received received;
            EXPECT(OK, breeze_client_received(client, 1000, link, bytes + start, end - start,
                                              &received, sizeof received));
            if (received.consumed > end - start || received.has_message) return 1;
            if (received.consumed == 0) break;
            start += received.consumed;
        }
        free(bytes);
        EXPECT(OK, breeze_client_closed(client, 1000, link));
        do {
            EXPECT(OK, breeze_client_poll(client, 1000, &output, sizeof output));
        } while (output.kind != BREEZE_OUTPUT_KIND_WAIT);
    }

    misuse_files(client);

    /* Ended twice, by the wrong name, and used after that. */
    EXPECT(NOT_A_CLIENT, breeze_client_free(client));
    EXPECT(OK, breeze_client_close(client, 1000));
    breeze_message_id id;
    EXPECT(CLOSED, breeze_client_send(client, 1000, "bob", "hi", 2, 0, &id));
    EXPECT(OK, breeze_client_deinit(client));
    EXPECT(NOT_A_CLIENT, breeze_client_deinit(client));
    call_all(client, BREEZE_RESULT_NOT_A_CLIENT);
    for (size_t n = 16; n + 16 <= size; n++)
        if (memcmp(storage + n, secret, 16) == 0) return 1; /* A secret has stayed. */
    free(storage);
    EXPECT(OK, breeze_client_free(NULL));
    EXPECT(OK, breeze_client_free(NULL));

    for (int round = 0; round < 10; round++) {
        EXPECT(OK, breeze_client_new(BREEZE_CAPACITY_DEVICE, &config, 0, &client));
        EXPECT(OK, breeze_client_free(client));
    }
    printf("%d calls, all of them refused, or harmless\n", tried);
    return 0;
}
