/*
 * libbreeze: the client of Breeze, for hosts in any language.
 *
 * This file is made of the library's sources; do not change it.
 *
 * TWO LAYERS
 *   breeze_client_*  is sans-IO: sockets, clock, randomness, memory and disk are the host's.
 *   breeze_node_*    is a whole node, as the program breeze runs it, for hosts with an operating
 *                    system. It has its own thread, sockets and files.
 *
 * CALLS
 *   A call returns a breeze_result, 0 for success, and writes its outputs on success only, unless it says
 *   otherwise. A pointer that is NULL or misaligned, a size that is not that of this version, a number
 *   or a text that is not allowed gives a result that says so, and changes nothing. What no library can
 *   see is the host's to keep: that a pointer leads to what is said there. A mistake within the library
 *   never unwinds into the host: it is BREEZE_RESULT_PANICKED, and the client it struck takes no more
 *   calls but the one that ends it.
 *   There are no callbacks but for the log, and for the bytes of files that are sent.
 *
 * TIME
 *   now_ms counts milliseconds on a clock of the host's, from any origin. One that goes back for a while
 *   is harmless. BREEZE_NEVER is no time at all.
 *
 * MEMORY
 *   A client lies in one piece of memory of breeze_client_size bytes and never takes more: the sans-IO
 *   layer allocates nothing, ever. The host lends that memory (breeze_client_init, breeze_client_deinit),
 *   or, with an operating system, has the library take it (breeze_client_new, breeze_client_free; they
 *   and the nodes are not in a library that was made without std).
 *   Whatever is handed in is copied or used up before the call returns. A message that is handed out lies
 *   in the buffer of the host's that it came in, and so do bytes and names of files.
 *
 * THREADS
 *   One client: calls from one thread at a time; which one does not matter, and a call while another is
 *   under way gives BREEZE_RESULT_IN_USE (where the processor can tell). Different clients: from any
 *   threads at once. Transfers: as a client; a call with both is one with each. A node: from any threads
 *   at once; only breeze_node_free must be the last call.
 *   Functions without a client or a node: from any threads at once, but for breeze_log_to.
 *
 * WHAT TO KEEP
 *   identity            32 bytes, for ever: they are the user. Readable by nobody else.
 *   the server's key    from BREEZE_EVENT_KIND_CONNECTED, as breeze_config.server_key from then on.
 *   the keys of users   from BREEZE_EVENT_KIND_KEY_FOUND and _KEY_CHANGED, given back with breeze_client_pin;
 *                       with remembers_keys.
 *   messages            a host with a disk commits its own with their ids before it gives them to
 *                       breeze_client_send_numbered, and those that come in before it acknowledges them;
 *                       after a restart breeze_client_resume and _send_numbered go on. A host without a
 *                       disk sends with breeze_client_send and acknowledges on receipt.
 *
 * THE LOOP of a sans-IO host
 *   after every call: breeze_client_poll until it says BREEZE_OUTPUT_KIND_WAIT, doing what it says;
 *   then wait for a socket, or for until_ms, whichever comes first:
 *     a socket is connected   breeze_client_opened       a peer has connected    breeze_client_accepted
 *     bytes have come         breeze_client_received     a socket takes bytes    breeze_client_transmit
 *     a socket is closed      breeze_client_closed       the time has come       breeze_client_timeout
 *   examples/c/client.c is such a host, complete.
 *
 * FILES, if they were compiled in: symbols of breeze_transfers_* are there then
 *   A host with breeze_config.takes_files has a breeze_transfers beside its client, and in the loop
 *   breeze_client_received_files and _transmit_files instead of _received and _transmit. Before it polls the
 *   client it calls breeze_transfers_poll until that says BREEZE_FILE_OUTPUT_KIND_WAIT, and it waits no longer
 *   than either says: when the time has come, breeze_transfers_timeout. BREEZE_EVENT_KIND_PATH is told with
 *   breeze_transfers_on_path.
 *     sends     breeze_transfers_offer; then breeze_source gives the bytes, until BREEZE_ARRIVED_KIND_ENDED
 *     takes     BREEZE_ARRIVED_KIND_OFFERED, breeze_transfers_accept; each BREEZE_ARRIVED_KIND_DATA is written,
 *               and breeze_transfers_written called; then BREEZE_FILE_OUTPUT_KIND_COMPLETE, _end
 *   A stream that was not finished goes on after a restart: the host offers it under the same number, or
 *   accepts it with what it has. examples/c/files.h does so for client.c.
 */


#ifndef BREEZE_H
#define BREEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version of this ABI. A library with another number may not fit a host that was compiled with this
// header; what is added without breaking hosts does not change it.
#define BREEZE_ABI_VERSION 1

// Bytes to which the storage of a client is aligned.
#define BREEZE_CLIENT_ALIGN 16

// Bytes of a reason's text with its NUL.
#define BREEZE_REASON_SIZE 72

// The time of a wait that only input ends.
#define BREEZE_NEVER UINT64_MAX

// Bytes to which the storage of a table of transfers is aligned.
#define BREEZE_TRANSFERS_ALIGN 16

// Bytes of a block of a stream: what is verified at once. The last one of a stream may be shorter.
#define BREEZE_BLOCK 262144

// What breeze_source.proof returns for a proof that is not at hand.
#define BREEZE_NOT_AT_HAND 65535

// Hashes of a proof at most.
#define BREEZE_PROOF_SIZE 46

// Bytes of a fingerprint with its NUL.
#define BREEZE_FINGERPRINT_SIZE 40

// Bytes of a display name with its NUL.
#define BREEZE_NAME_SIZE 65

// Bytes of a user's name with its NUL.
#define BREEZE_USER_SIZE 33

// Says what became of a call: 0 is success.
//
// Numbers stand for one thing for ever; new ones may come, so that a host treats those that it does
// not know as failures.
enum breeze_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // It was done.
  BREEZE_RESULT_OK = 0,
  // A pointer that has to lead somewhere is NULL.
  BREEZE_RESULT_NULL_POINTER = 1,
  // A pointer is not aligned for what it leads to.
  BREEZE_RESULT_MISALIGNED = 2,
  // A size is not that of the structure in this version, or the storage is too small.
  BREEZE_RESULT_BAD_SIZE = 3,
  // A number is none of those that are allowed there.
  BREEZE_RESULT_BAD_VALUE = 4,
  // A text is no UTF-8.
  BREEZE_RESULT_BAD_TEXT = 5,
  // A user name is empty, longer than 32 bytes, or has other characters than a-z, 0-9, '.', '_' and
  // '-'.
  BREEZE_RESULT_BAD_USER = 6,
  // A display name has more than 64 bytes.
  BREEZE_RESULT_BAD_NAME = 7,
  // An address is neither IPv4 nor IPv6.
  BREEZE_RESULT_BAD_ADDRESS = 8,
  // The pointer leads to no client: it was never made, or has been ended.
  BREEZE_RESULT_NOT_A_CLIENT = 9,
  // Another thread is in a call with this client, or with these transfers.
  BREEZE_RESULT_IN_USE = 10,
  // A code or password has more than 128 bytes.
  BREEZE_RESULT_BAD_TICKET = 11,
  // The buffer is too small for the answer; the length that it takes was written.
  BREEZE_RESULT_BUFFER_TOO_SMALL = 12,
  // A line is no command.
  BREEZE_RESULT_BAD_COMMAND = 13,
  // The pointer leads to no table of transfers: it was never made, or has been ended.
  BREEZE_RESULT_NOT_TRANSFERS = 14,
  // The name of a file is empty, longer than 255 bytes, a path, or one that some system does not take.
  BREEZE_RESULT_BAD_FILE_NAME = 15,
  // Too many messages wait: try again once some are settled.
  BREEZE_RESULT_FULL = 100,
  // The text is longer than a message may be, or than this device can hold.
  BREEZE_RESULT_TOO_LARGE = 101,
  // The message's number does not follow the last one's.
  BREEZE_RESULT_OUT_OF_ORDER = 102,
  // The user is this client's own.
  BREEZE_RESULT_OWN_USER = 103,
  // The table of peers is full of peers in use.
  BREEZE_RESULT_TABLE_FULL = 104,
  // The recipient's verified key has changed and is not accepted yet.
  BREEZE_RESULT_BLOCKED = 105,
  // The client is closing.
  BREEZE_RESULT_CLOSED = 106,
  // There are as many transfers as the table has slots: try again once some have ended.
  BREEZE_RESULT_TRANSFERS_FULL = 107,
  // There is a transfer of this number already.
  BREEZE_RESULT_TRANSFER_KNOWN = 108,
  // Every link slot is in use.
  BREEZE_RESULT_LINKS_FULL = 200,
  // No links are accepted now.
  BREEZE_RESULT_LINKS_CLOSED = 201,
  // The node could not be started; the text says why.
  BREEZE_RESULT_NOT_STARTED = 300,
  // No event came in time.
  BREEZE_RESULT_TIMED_OUT = 301,
  // The node has ended, and there are no more events.
  BREEZE_RESULT_ENDED = 302,
  // Breeze has a mistake and the call was ended; a client that was used in it takes no more calls.
  BREEZE_RESULT_PANICKED = 900,
  // The operating system refused; there is no memory, or no random source.
  BREEZE_RESULT_SYSTEM = 901,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_result breeze_result;
#else
typedef uint32_t breeze_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what becomes of messages to users that are registered and not online.
enum breeze_absence
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // They fail: for hosts that keep nothing, and want to know.
  BREEZE_ABSENCE_FAIL = 0,
  // They wait, for as long as it takes: for hosts that keep them on disk.
  BREEZE_ABSENCE_WAIT = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_absence breeze_absence;
#else
typedef uint32_t breeze_absence;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what came of a transfer. Each names the fields of breeze_arrived that it fills, beside `user`,
// `number` and `path`; all others are 0.
enum breeze_arrived_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing came of any.
  BREEZE_ARRIVED_KIND_NONE = 0,
  // Something that the host need not know; it goes on as with any other.
  BREEZE_ARRIVED_KIND_STEP = 1,
  // The user offers a stream that is not being received. `offer`. The host calls
  // breeze_transfers_accept, now or much later, or breeze_transfers_end; if the transfer is over
  // already, it says so with breeze_transfers_end again.
  BREEZE_ARRIVED_KIND_OFFERED = 2,
  // The user accepts a stream that this host offers, or says anew where to go on. `at`.
  BREEZE_ARRIVED_KIND_WANTED = 3,
  // Bytes to be written, then the host calls breeze_transfers_written. `at`: their place in the stream,
  // right behind the last ones; but after BREEZE_ARRIVED_KIND_WRONG_BLOCK that block's beginning.
  // `bytes`, `len`.
  BREEZE_ARRIVED_KIND_DATA = 4,
  // A block is whole and right: a host that is to go on after a crash remembers its hash. `block`,
  // `hash`.
  BREEZE_ARRIVED_KIND_VERIFIED = 5,
  // A block was wrong. `block`. It comes again; but `flag`: this was the last time, and the transfer has
  // ended as BREEZE_FILE_END_CORRUPT.
  BREEZE_ARRIVED_KIND_WRONG_BLOCK = 6,
  // The recipient cannot go on for now. `reason`: a breeze_hold_reason.
  BREEZE_ARRIVED_KIND_HELD = 7,
  // The other side has ended a transfer, which the host may not know. `reason`: a breeze_file_end.
  // `flag`: its sender did, so that it is one that this host receives.
  BREEZE_ARRIVED_KIND_ENDED = 8,
  // The user wants a stream that is not being sent: the host offers it again with
  // breeze_transfers_offer, or says with breeze_transfers_end how it ended.
  BREEZE_ARRIVED_KIND_MISSED = 9,
  // The server does not relay something for the user. `reason`: a breeze_file_refusal. `max`: how much
  // it relays, if the stream is longer.
  BREEZE_ARRIVED_KIND_REFUSED = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_arrived_kind breeze_arrived_kind;
#else
typedef uint32_t breeze_arrived_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says how much a client has room for. Its memory is all in its storage, see breeze_client_size; while
// it is made, the stack holds as much again for a moment.
enum breeze_capacity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // 4 peers, 6 links and 2.8 KiB of messages that are not acknowledged: a microcontroller.
  BREEZE_CAPACITY_DEVICE = 0,
  // 64 peers, 72 links and 120 KiB of messages: a small computer, or an office. With more, a host
  // runs a node.
  BREEZE_CAPACITY_OFFICE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_capacity breeze_capacity;
#else
typedef uint32_t breeze_capacity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says why a link ended.
enum breeze_close_reason
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The other side, or this one, is done.
  BREEZE_CLOSE_REASON_GOODBYE = 0,
  // The server is stopping.
  BREEZE_CLOSE_REASON_SERVER_STOPPING = 1,
  // A newer session of the same user took this one's place.
  BREEZE_CLOSE_REASON_REPLACED = 2,
  // Another link to the same peer took this one's place.
  BREEZE_CLOSE_REASON_DUPLICATE = 3,
  // Nothing arrived for longer than the idle limit.
  BREEZE_CLOSE_REASON_IDLE = 4,
  // Messages stayed unanswered and so did a probe.
  BREEZE_CLOSE_REASON_SILENT = 5,
  // Dialling, the handshake, the login or the set-up took too long.
  BREEZE_CLOSE_REASON_TIMED_OUT = 6,
  // The pipe broke, was closed without a word, or never opened.
  BREEZE_CLOSE_REASON_DISCONNECTED = 7,
  // The other side does not speak this version of the protocol.
  BREEZE_CLOSE_REASON_VERSION = 8,
  // The handshake failed: not Breeze, damaged, or tampered with.
  BREEZE_CLOSE_REASON_BAD_HANDSHAKE = 9,
  // A record did not pass authentication.
  BREEZE_CLOSE_REASON_BAD_RECORD = 10,
  // A message was malformed.
  BREEZE_CLOSE_REASON_MALFORMED = 11,
  // A frame or record was larger than announced.
  BREEZE_CLOSE_REASON_TOO_LARGE = 12,
  // A well-formed message came in a state that does not allow it.
  BREEZE_CLOSE_REASON_UNEXPECTED = 13,
  // The other side's key is not the one that belongs there.
  BREEZE_CLOSE_REASON_WRONG_KEY = 14,
  // The peer was not introduced by the server in time.
  BREEZE_CLOSE_REASON_NOT_INTRODUCED = 15,
  // The set-up was meant for somebody else.
  BREEZE_CLOSE_REASON_MISROUTED = 16,
  // A table has no room for this link or its peer.
  BREEZE_CLOSE_REASON_TABLE_FULL = 17,
  // The login was refused.
  BREEZE_CLOSE_REASON_REFUSED = 18,
  // The peer went offline.
  BREEZE_CLOSE_REASON_PEER_OFFLINE = 19,
  // The link has sealed as many records as one key may.
  BREEZE_CLOSE_REASON_EXHAUSTED = 20,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_close_reason breeze_close_reason;
#else
typedef uint32_t breeze_close_reason;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says why a message will not be delivered.
enum breeze_delivery_failure
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The recipient is registered and not online.
  BREEZE_DELIVERY_FAILURE_OFFLINE = 0,
  // No user of this name is registered.
  BREEZE_DELIVERY_FAILURE_UNKNOWN_USER = 1,
  // The recipient's device cannot hold a message of this size.
  BREEZE_DELIVERY_FAILURE_TOO_LARGE = 2,
  // The server keeps as much for the recipient as it may.
  BREEZE_DELIVERY_FAILURE_QUOTA = 3,
  // The recipient has another key than the one for which the message was meant.
  BREEZE_DELIVERY_FAILURE_KEY_CHANGED = 4,
  // The recipient did not come for as long as the server keeps messages.
  BREEZE_DELIVERY_FAILURE_EXPIRED = 5,
  // The server said that it has the message, and has lost it.
  BREEZE_DELIVERY_FAILURE_LOST = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_delivery_failure breeze_delivery_failure;
#else
typedef uint32_t breeze_delivery_failure;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what happened. Each names the fields of breeze_event that it fills; all others are 0.
enum breeze_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The session with the server is up. `key`: the server's; on first use the host remembers it, and
  // gives it to the next client that it makes for this server. `address`: where the server sees this
  // end of the link.
  BREEZE_EVENT_KIND_CONNECTED = 1,
  // The session with the server, or the try to get one, ended. `reason`: a breeze_close_reason.
  // Unless it is stopped, the client tries again by itself.
  BREEZE_EVENT_KIND_DISCONNECTED = 2,
  // The server refused the login. `reason`: a breeze_login_refusal. `flag`: it may succeed later, and
  // the client tries again; otherwise it is stopped.
  BREEZE_EVENT_KIND_LOGIN_REFUSED = 3,
  // The server proved another key than the pinned one: the client is stopped. `former_key`: the
  // pinned one. `key`: the one it has now.
  BREEZE_EVENT_KIND_SERVER_KEY_CHANGED = 4,
  // A user came online, went offline or changed its display name. `user`, `name`. `flag`: it is
  // online.
  BREEZE_EVENT_KIND_PRESENCE = 5,
  // Messages to and from a user now travel on another path. `user`, `path`. `address`: the other end
  // of the direct link, if that is the path.
  BREEZE_EVENT_KIND_PATH = 6,
  // A direct link, or the try to get one, ended. `user`, `address`. `reason`: a breeze_close_reason.
  // `flag`: the link was up.
  BREEZE_EVENT_KIND_LINK_LOST = 7,
  // Somebody without the user's key answered at its address, dialled under its name, or sent a
  // message in its name. `user`. `address`: where it was met, none if that was a message.
  BREEZE_EVENT_KIND_IMPOSTOR = 8,
  // A message was handed to a link. `user`: its recipient. `id`, `path`.
  BREEZE_EVENT_KIND_SENT = 9,
  // A message was acknowledged by its recipient's host. `user`: the recipient. `id`, `path`.
  BREEZE_EVENT_KIND_DELIVERED = 10,
  // A message will not be delivered. `user`: its recipient. `id`. `reason`: a
  // breeze_delivery_failure.
  BREEZE_EVENT_KIND_FAILED = 11,
  // The server keeps a message, and all before it that are not settled. `user`: the recipient. `id`.
  BREEZE_EVENT_KIND_STORED = 12,
  // A person has seen a message, and all before it. `user`: the recipient. `id`.
  BREEZE_EVENT_KIND_READ = 13,
  // Messages that were kept by the server have to be sent anew: the host gives them again, from this
  // one on, with breeze_client_send_numbered, before any other to this user. Only with
  // BREEZE_ABSENCE_WAIT. `user`: the recipient. `id`.
  BREEZE_EVENT_KIND_RECALL = 14,
  // A user is met of whom the host may know the key: it says so with breeze_client_pin, or messages
  // with this user wait. Only with `remembers_keys`. `user`.
  BREEZE_EVENT_KIND_MET = 15,
  // The key of a user is known for the first time: the host remembers it. Only with `remembers_keys`.
  // `user`, `key`.
  BREEZE_EVENT_KIND_KEY_FOUND = 16,
  // A user has another key than the one that the host remembers. `user`. `former_key`: the one that
  // was pinned. `key`: the one that the user has now. `flag`: the pinned one was verified, so nothing
  // is sent until the host pins the new one.
  BREEZE_EVENT_KIND_KEY_CHANGED = 17,
  // A user lost its place in the full peer table to one that messages go to or come from: nothing
  // more will be told of it. `user`.
  BREEZE_EVENT_KIND_FORGOTTEN = 18,
  // Users came online that the full peer table had no room for; told once until there is room.
  BREEZE_EVENT_KIND_PEER_TABLE_FULL = 19,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_event_kind breeze_event_kind;
#else
typedef uint32_t breeze_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says how the transfer of a file ended.
enum breeze_file_end
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The recipient has all of it.
  BREEZE_FILE_END_DONE = 0,
  // The recipient does not want it.
  BREEZE_FILE_END_REJECTED = 1,
  // One of the two has changed its mind.
  BREEZE_FILE_END_CANCELLED = 2,
  // The other side knows nothing of it.
  BREEZE_FILE_END_UNKNOWN = 3,
  // The file has changed since it was offered, or is gone.
  BREEZE_FILE_END_CHANGED = 4,
  // A block was wrong again and again.
  BREEZE_FILE_END_CORRUPT = 5,
  // What was offered, or the list of a folder, is not well-formed.
  BREEZE_FILE_END_MALFORMED = 6,
  // The disk of whoever says so fails.
  BREEZE_FILE_END_DISK = 7,
  // The recipient has more offers than it keeps.
  BREEZE_FILE_END_TOO_MANY = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_file_end breeze_file_end;
#else
typedef uint32_t breeze_file_end;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what a stream of bytes holds.
enum breeze_file_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The content of one file.
  BREEZE_FILE_KIND_FILE = 0,
  // A list of what is in a folder, then the contents of its files one after the other, as PROTOCOL.md
  // says.
  BREEZE_FILE_KIND_FOLDER = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_file_kind breeze_file_kind;
#else
typedef uint32_t breeze_file_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what a host does next about files.
enum breeze_file_output_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing more until input comes, or until `until_ms`: then call breeze_transfers_timeout.
  BREEZE_FILE_OUTPUT_KIND_WAIT = 0,
  // There is something for `user`: call breeze_client_kick_files.
  BREEZE_FILE_OUTPUT_KIND_KICK = 1,
  // All of the stream `number` of `user` is verified and written: put it in its place, and then call
  // breeze_transfers_end with BREEZE_FILE_END_DONE.
  BREEZE_FILE_OUTPUT_KIND_COMPLETE = 2,
  // The stream `number` for `user` waits for a direct link, since it is longer than the server relays:
  // `max` bytes; 0 for no files at all.
  BREEZE_FILE_OUTPUT_KIND_TOO_LARGE_FOR_RELAY = 3,
  // What is to be sent of the stream `number` is longer than the device of `user` takes, or cannot be
  // sealed for its key: end it, or wait for another way.
  BREEZE_FILE_OUTPUT_KIND_UNSENDABLE = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_file_output_kind breeze_file_output_kind;
#else
typedef uint32_t breeze_file_output_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says why the server does not relay something of a transfer.
enum breeze_file_refusal
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The server relays no files.
  BREEZE_FILE_REFUSAL_OFF = 0,
  // The stream is longer than the server relays.
  BREEZE_FILE_REFUSAL_TOO_LARGE = 1,
  // The recipient is not online.
  BREEZE_FILE_REFUSAL_OFFLINE = 2,
  // The recipient's device takes no files, or none in pieces of this length.
  BREEZE_FILE_REFUSAL_NOT_TAKEN = 3,
  // The server cannot keep up: the transfer pauses, and goes on by itself.
  BREEZE_FILE_REFUSAL_BUSY = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_file_refusal breeze_file_refusal;
#else
typedef uint32_t breeze_file_refusal;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says why a recipient cannot go on.
enum breeze_hold_reason
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Its disk is full.
  BREEZE_HOLD_REASON_DISK_FULL = 0,
  // Its user has stopped it for now.
  BREEZE_HOLD_REASON_PAUSED = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_hold_reason breeze_hold_reason;
#else
typedef uint32_t breeze_hold_reason;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says of whom a client hears when they come and go.
enum breeze_interest
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Everybody, as long as there is room in the peer table: for an office.
  BREEZE_INTEREST_EVERYBODY = 0,
  // Whoever is in the peer table, since the host watches the user or messages went to or came from
  // it: for one of thousands.
  BREEZE_INTEREST_KNOWN = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_interest breeze_interest;
#else
typedef uint32_t breeze_interest;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How much is logged.
enum breeze_log_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing.
  BREEZE_LOG_LEVEL_OFF = 0,
  // What is wrong.
  BREEZE_LOG_LEVEL_ERROR = 1,
  // What may be wrong.
  BREEZE_LOG_LEVEL_WARN = 2,
  // Sessions.
  BREEZE_LOG_LEVEL_INFO = 3,
  // Decisions, with addresses.
  BREEZE_LOG_LEVEL_DEBUG = 4,
  // Every frame.
  BREEZE_LOG_LEVEL_TRACE = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_log_level breeze_log_level;
#else
typedef uint32_t breeze_log_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says why the server refused a login.
enum breeze_login_refusal
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The user name belongs to another key.
  BREEZE_LOGIN_REFUSAL_NAME_TAKEN = 0,
  // The key belongs to another user name.
  BREEZE_LOGIN_REFUSAL_KEY_HAS_OTHER_NAME = 1,
  // The server registers new users by invitation only.
  BREEZE_LOGIN_REFUSAL_INVITE_REQUIRED = 2,
  // The server registers no new users.
  BREEZE_LOGIN_REFUSAL_REGISTRATION_CLOSED = 3,
  // The server has as many sessions as it may: try again later.
  BREEZE_LOGIN_REFUSAL_SERVER_FULL = 4,
  // The server cannot check the login now: try again later.
  BREEZE_LOGIN_REFUSAL_UNAVAILABLE = 5,
  // The user name is reserved: its enrolment code or password is needed, once.
  BREEZE_LOGIN_REFUSAL_CODE_REQUIRED = 6,
  // The enrolment code or password is wrong, or was used already.
  BREEZE_LOGIN_REFUSAL_WRONG_CODE = 7,
  // Too many log-ins failed, for this name or from this address: try again later.
  BREEZE_LOGIN_REFUSAL_TOO_MANY_TRIES = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_login_refusal breeze_login_refusal;
#else
typedef uint32_t breeze_login_refusal;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says which peers a client dials.
enum breeze_mesh
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Every peer that is online, as long as there is room.
  BREEZE_MESH_EAGER = 0,
  // A peer that messages go to or come from.
  BREEZE_MESH_ON_DEMAND = 1,
  // Nobody, and nobody is let in: all messages are relayed.
  BREEZE_MESH_OFF = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_mesh breeze_mesh;
#else
typedef uint32_t breeze_mesh;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says what a host does next.
enum breeze_output_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing more until input comes, or until `until_ms`: then call breeze_client_timeout.
  BREEZE_OUTPUT_KIND_WAIT = 0,
  // Open a pipe to `user` at `address`, or to the server if `user` is empty, then call
  // breeze_client_opened, or breeze_client_closed if that fails. `link` is its name from now on.
  BREEZE_OUTPUT_KIND_OPEN = 1,
  // `link` has bytes to send: whenever its pipe can take some, get them with breeze_client_transmit
  // until that gives none.
  BREEZE_OUTPUT_KIND_TRANSMIT = 2,
  // Close the pipe of `link`, after the bytes already taken for it were sent if that takes no time.
  // The link is gone; nothing need be called for it.
  BREEZE_OUTPUT_KIND_CLOSE = 3,
  // Something happened that the application wants to know: `event`.
  BREEZE_OUTPUT_KIND_EVENT = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_output_kind breeze_output_kind;
#else
typedef uint32_t breeze_output_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Says how messages to a user travel.
enum breeze_path
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Not at all for now: they wait.
  BREEZE_PATH_NONE = 0,
  // On a direct link.
  BREEZE_PATH_DIRECT = 1,
  // Through the server, which cannot read them.
  BREEZE_PATH_RELAY = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum breeze_path breeze_path;
#else
typedef uint32_t breeze_path;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Is a client. What is in it is the library's.
typedef struct breeze_client breeze_client;

// Is a running node. What is in it is the library's.
typedef struct breeze_node breeze_node;

// Is a table of transfers. What is in it is the library's.
typedef struct breeze_transfers breeze_transfers;

// Names one message the same way at its sender and its recipient.
typedef struct breeze_message_id {
  // The numbering that the sender chose for this recipient.
  uint64_t epoch;
  // The message's number in it, from 1.
  uint64_t seq;
} breeze_message_id;

// Identifies a client or a server: the public half of its X25519 key.
typedef struct breeze_key {
  // The 32 bytes of the key.
  uint8_t bytes[32];
} breeze_key;

// Holds an IP address and a port.
typedef struct breeze_address {
  // 4 for IPv4, 6 for IPv6, 0 for none.
  uint16_t family;
  // The port, in the order of the host.
  uint16_t port;
  // The bytes of the address, the first 4 of them for IPv4.
  uint8_t ip[16];
} breeze_address;

// Configures a client. breeze_config_default fills it, then the host sets what it has; nothing of it
// need live longer than the call that makes the client.
typedef struct breeze_config {
  // Bytes of this structure, which breeze_config_default has set.
  size_t size;
  // Who logs in: a text of 1 to 32 bytes.
  const char *user;
  // The name to show to people, up to 64 bytes; NULL for that of the user.
  const char *name;
  // 32 secret bytes that make the client who it is: fresh from a strong random source the first
  // time, and the same ones from then on. Whoever has them is this user.
  const uint8_t *identity;
  // 32 secret bytes from a strong random source, fresh at each start.
  const uint8_t *secret_seed;
  // 64 random bits, fresh at each start.
  uint64_t seed;
  // The server's key, if the host has met it before: any other is refused. NULL if it has not.
  const struct breeze_key *server_key;
  // A code or a password that enrols the key, up to 128 bytes; none for one that is enrolled, or
  // where none is needed.
  const uint8_t *ticket;
  // Bytes of the ticket.
  size_t ticket_len;
  // A breeze_mesh: which peers are dialled.
  uint32_t mesh;
  // A breeze_interest: of whom the server tells.
  uint32_t interest;
  // A breeze_absence: what becomes of messages to users that are away.
  uint32_t absence;
  // The keepalive interval to ask for, in milliseconds, 0 for the server's; minutes save a battery.
  uint32_t keepalive_ms;
  // The longest frame that this device takes in, from 512 bytes on: a message and what goes with it.
  uint32_t max_frame;
  // The longest record, from 256 to 16,384 bytes.
  uint32_t max_record;
  // The host remembers the keys of users, and answers BREEZE_EVENT_KIND_MET with breeze_client_pin.
  bool remembers_keys;
  // The host takes files and sends some, by breeze_client_received_files and
  // breeze_client_transmit_files: others are told so. Without it nothing of a file goes or comes. Not in
  // a library that was made without files: BREEZE_RESULT_BAD_VALUE.
  bool takes_files;
} breeze_config;

// Names a user: a text that ends with a NUL, empty where there is none.
typedef struct breeze_user {
  // The text.
  char text[BREEZE_USER_SIZE];
} breeze_user;

// Says what became of bytes from a link.
typedef struct breeze_received {
  // Bytes at the front of the buffer that the host drops before the next call. While this is not 0,
  // or there is a message, there may be more to do: call again with the rest.
  size_t consumed;
  // Bytes that the buffer must be able to hold, after dropping, for anything to happen.
  size_t need;
  // There is a message. The host keeps or shows it, then calls breeze_client_acknowledge.
  bool has_message;
  // The message comes from a user whose key the host was not asked for yet, and `claimed` is the one
  // that it was sealed with: a host that remembers another keeps nothing of it, and does not
  // acknowledge it.
  bool has_claimed;
  // A breeze_path: how the message came.
  uint32_t path;
  // The authenticated sender.
  struct breeze_user from;
  // The message's id.
  struct breeze_message_id id;
  // When it was sent, in milliseconds since 1970 by the sender's clock.
  uint64_t sent_ms;
  // The sender's display name, in the host's buffer, without a NUL; a peer's text, see breeze_name.
  const char *name;
  // Bytes of the name.
  size_t name_len;
  // The text, in the host's buffer, without a NUL; UTF-8, and a peer's text as well.
  const char *text;
  // Bytes of the text, up to 64 KiB.
  size_t text_len;
  // See `has_claimed`.
  struct breeze_key claimed;
} breeze_received;

// Holds a BLAKE3 hash.
typedef struct breeze_hash {
  // The 32 bytes of the hash.
  uint8_t bytes[32];
} breeze_hash;

// Describes what a sender would transfer.
typedef struct breeze_offer {
  // The name of the file or the folder: 1 to 255 bytes of UTF-8, and no path. What comes from a peer
  // has been checked: there is no `/`, no `\`, no control character and no name such as `..` in it.
  const char *name;
  // Bytes of the name, which has no NUL.
  size_t name_len;
  // A breeze_file_kind.
  uint32_t kind;
  // Of a file: its owner may run it.
  bool executable;
  // Of a file: when it was changed last, in nanoseconds since 1970.
  int64_t modified_ns;
  // Of a folder: files and folders in it, at any depth.
  uint32_t entries;
  // Of a folder: bytes of the list, at the front of the stream.
  uint32_t list_len;
  // Bytes of the stream. A peer's word, like all of this.
  uint64_t size;
  // The BLAKE3 hash of the stream.
  struct breeze_hash root;
} breeze_offer;

// Says what came of a transfer; `kind` says which fields hold something.
typedef struct breeze_arrived {
  // A breeze_arrived_kind, of which new ones may come: a host passes over those that it does not know.
  uint32_t kind;
  // A breeze_path: how it came.
  uint32_t path;
  // Why: the kind says which reasons these are.
  uint32_t reason;
  // The kind says of what.
  bool flag;
  // The other side of the transfer, authenticated.
  struct breeze_user user;
  // The reason for people, a text that ends with a NUL.
  char reason_text[BREEZE_REASON_SIZE];
  // The transfer: its sender's number of it.
  uint64_t number;
  // A place in the stream.
  uint64_t at;
  // The number of a block, from 0.
  uint64_t block;
  // A limit, in bytes.
  uint64_t max;
  // Bytes of the stream, in the host's buffer.
  const uint8_t *bytes;
  // Their number.
  size_t len;
  // The hash of the block.
  struct breeze_hash hash;
  // What is offered; its name lies in the host's buffer.
  struct breeze_offer offer;
} breeze_arrived;

// Returns how many bytes of a stream are at hand from `at` on, `len` at most; 0 for none.
typedef size_t (*breeze_at_hand_function)(void *context,
                                          const char *to,
                                          uint64_t number,
                                          uint64_t at,
                                          size_t len);

// Fills all of a buffer with the bytes of a stream from `at` on, which are at hand.
typedef void (*breeze_read_function)(void *context,
                                     const char *to,
                                     uint64_t number,
                                     uint64_t at,
                                     uint8_t *buffer,
                                     size_t len);

// Writes the proof of a block to `hashes`, which has room for BREEZE_PROOF_SIZE, as breeze_tree_proof
// gives it, and returns their number: 0 for a stream of one block; BREEZE_NOT_AT_HAND if it is not.
typedef size_t (*breeze_proof_function)(void *context,
                                        const char *to,
                                        uint64_t number,
                                        uint64_t block,
                                        struct breeze_hash *hashes);

// Gives the bytes of what a host sends, and their proofs, right as they go out. Its functions are called
// within breeze_client_transmit_files only, by its thread; they return, do not wait, and call nothing with
// this client or these transfers. What is not at hand the host reads meanwhile, and then says
// breeze_transfers_ready.
typedef struct breeze_source {
  // Given to each function.
  void *context;
  // NULL if everything always is at hand.
  breeze_at_hand_function at_hand;
  // Not NULL.
  breeze_read_function read;
  // NULL if no stream has more than one block.
  breeze_proof_function proof;
} breeze_source;

// Holds the name that a user shows to people: a text in UTF-8 that ends with a NUL. It is a peer's
// text: whoever prints it on a terminal removes control characters first. What stands behind a NUL in
// it is not shown.
typedef struct breeze_name {
  // The text.
  char text[BREEZE_NAME_SIZE];
} breeze_name;

// Tells what happened; `kind` says which fields hold something.
typedef struct breeze_event {
  // A breeze_event_kind, of which new ones may come: a host passes over those that it does not know.
  uint32_t kind;
  // A breeze_path.
  uint32_t path;
  // Why: the kind says which reasons these are.
  uint32_t reason;
  // The kind says of what.
  bool flag;
  // The user.
  struct breeze_user user;
  // The user's display name.
  struct breeze_name name;
  // The reason for people, a text that ends with a NUL.
  char reason_text[BREEZE_REASON_SIZE];
  // The message.
  struct breeze_message_id id;
  // The address.
  struct breeze_address address;
  // The key.
  struct breeze_key key;
  // The key before.
  struct breeze_key former_key;
} breeze_event;

// Tells a host what to do next; `kind` says which fields hold something.
typedef struct breeze_output {
  // A breeze_output_kind.
  uint32_t kind;
  // The link.
  uint64_t link;
  // The time of the next breeze_client_timeout; BREEZE_NEVER if only input matters.
  uint64_t until_ms;
  // Whom the pipe shall lead to; empty for the server, whose address only the host knows.
  struct breeze_user user;
  // Where the user accepts direct links.
  struct breeze_address address;
  // What happened.
  struct breeze_event event;
} breeze_output;

// Says where a client stands.
typedef struct breeze_state {
  // The client's own key.
  struct breeze_key key;
  // The session with the server is up, and the list of users that were online at its start is
  // complete.
  bool is_ready;
  // The client will never dial its server again: it was closed, its session was replaced, or its
  // login was refused for good.
  bool is_stopped;
  // Any link is left.
  bool has_links;
} breeze_state;

// Tells a host what to do next about files; `kind` says which fields hold something.
typedef struct breeze_file_output {
  // A breeze_file_output_kind.
  uint32_t kind;
  // The other side.
  struct breeze_user user;
  // The transfer.
  uint64_t number;
  // See BREEZE_FILE_OUTPUT_KIND_TOO_LARGE_FOR_RELAY.
  uint64_t max;
  // The time of the next breeze_transfers_timeout; BREEZE_NEVER if only input matters.
  uint64_t until_ms;
} breeze_file_output;

// Takes a line of the log: a breeze_log_level, and a text of `len` bytes without a NUL, which lives for
// the call only. It may be called from every thread that is in a call, and must not call the library.
typedef void (*breeze_log_function)(void *context, uint32_t level, const char *text, size_t len);

// Says which node a host wants. breeze_node_options_default fills it with NULL, which stands for what the
// home directory remembers, or else the default; then the host sets what it wants.
typedef struct breeze_node_options {
  // Bytes of this structure, which breeze_node_options_default has set.
  size_t size;
  // The home directory: identity, settings and messages. NULL for the user's own.
  const char *home;
  // The server, "HOST" or "HOST:PORT"; remembered.
  const char *server;
  // The user name; remembered.
  const char *user;
  // The name to show to people; remembered.
  const char *name;
  // The code that enrols the key, where one is needed.
  const char *code;
  // Which peers are dialled: "eager", "on-demand" or "off". NULL for "eager".
  const char *mesh;
  // Of whom to hear: "all" or "known". NULL for "all".
  const char *presence;
  // The port on which to accept direct links; 0 for that of the server connection.
  uint16_t listen;
} breeze_node_options;

// Shows a key to people, who compare it: eight groups of four hexadecimal digits.
typedef struct breeze_fingerprint {
  // The text, which ends with a NUL.
  char text[BREEZE_FINGERPRINT_SIZE];
} breeze_fingerprint;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Returns the version of the library's ABI, to be compared with BREEZE_ABI_VERSION.
uint32_t breeze_abi_version(void);

// Returns the version of the library as a text, such as "0.1.0".
const char *breeze_version(void);

// Accepts a text of `len` bytes in UTF-8 for a user and names the message; `sent_ms` is the time shown
// to people, in milliseconds since 1970.
//
// From here on the message is kept until it is delivered or has failed, which an event tells.
//
// # Safety
// `client` leads to a client, `to` to a text that ends with a NUL, `text` to `len` bytes, `id` to a
// place for the name of a message.
breeze_result breeze_client_send(struct breeze_client *client,
                                 uint64_t now_ms,
                                 const char *to,
                                 const char *text,
                                 size_t len,
                                 uint64_t sent_ms,
                                 struct breeze_message_id *id);

// Accepts a text as breeze_client_send does, under a number that the host gave it.
//
// For hosts that number and keep their messages before they send them, and send again after a restart
// what was not settled: in the order of the numbers, and each higher than the last to this user, since
// numbers that are passed over count as failed. While nothing for this user is kept in the client, any
// number begins; but nobody goes back to a numbering that was left for another.
//
// # Safety
// `client` leads to a client, `to` to a text that ends with a NUL, `id` to the name of a message,
// `text` to `len` bytes.
breeze_result breeze_client_send_numbered(struct breeze_client *client,
                                          uint64_t now_ms,
                                          const char *to,
                                          const struct breeze_message_id *id,
                                          const char *text,
                                          size_t len,
                                          uint64_t sent_ms);

// Goes on with a numbering of which the server keeps some messages: `first` is the lowest that is
// neither delivered nor failed, `stored` the last that the server keeps.
//
// For hosts that send again after a restart what was not settled; the messages behind `stored` follow
// with breeze_client_send_numbered. Nothing for this user may be kept in the client.
//
// # Safety
// `client` leads to a client, `to` to a text that ends with a NUL, `first` to the name of a message.
breeze_result breeze_client_resume(struct breeze_client *client,
                                   uint64_t now_ms,
                                   const char *to,
                                   const struct breeze_message_id *first,
                                   uint64_t stored);

// Acknowledges a received message, and all before it, to its sender: the host has kept it.
//
// # Safety
// `client` leads to a client, `from` to a text that ends with a NUL, `id` to the name of a message.
breeze_result breeze_client_acknowledge(struct breeze_client *client,
                                        uint64_t now_ms,
                                        const char *from,
                                        const struct breeze_message_id *id);

// Tells the sender of a received message that a person has seen it, and all before it.
//
// # Safety
// `client` leads to a client, `from` to a text that ends with a NUL, `id` to the name of a message.
breeze_result breeze_client_mark_read(struct breeze_client *client,
                                      uint64_t now_ms,
                                      const char *from,
                                      const struct breeze_message_id *id);

// Keeps a user in the peer table, whether or not messages go to it, until breeze_client_unwatch: with
// BREEZE_INTEREST_KNOWN the server tells of it.
//
// # Safety
// `client` leads to a client, `user` to a text that ends with a NUL.
breeze_result breeze_client_watch(struct breeze_client *client,
                                  uint64_t now_ms,
                                  const char *user);

// Ends what breeze_client_watch began: the user stays in the peer table until another needs the room.
//
// # Safety
// `client` leads to a client, `user` to a text that ends with a NUL.
breeze_result breeze_client_unwatch(struct breeze_client *client,
                                    const char *user);

// Says which key of a user the host remembers, NULL if none: any other is told of, with
// BREEZE_EVENT_KIND_KEY_CHANGED, and if this one was verified by people, nothing is sent to the other until
// the host pins that.
//
// # Safety
// `client` leads to a client, `user` to a text that ends with a NUL, `key`, unless it is NULL, to a
// key.
breeze_result breeze_client_pin(struct breeze_client *client,
                                uint64_t now_ms,
                                const char *user,
                                const struct breeze_key *key,
                                bool verified);

// Sets where the host accepts direct links, the likeliest address first, at most 8. The next login
// tells the server.
//
// # Safety
// `client` leads to a client, `addresses` to `count` addresses.
breeze_result breeze_client_listen_on(struct breeze_client *client,
                                      const struct breeze_address *addresses,
                                      size_t count);

// Takes in that the host's addresses changed: it came to a network, left one, or is in another. What
// waits for its next try is tried at once, and a link that is dead is found out soon.
//
// # Safety
// `client` leads to a client.
breeze_result breeze_client_moved(struct breeze_client *client,
                                  uint64_t now_ms);

// Ends every link in good order; the client is stopped, and accepts nothing more. The host goes on with
// its loop until no link is left, or no longer than it wants to wait.
//
// # Safety
// `client` leads to a client.
breeze_result breeze_client_close(struct breeze_client *client,
                                  uint64_t now_ms);

// Fills a configuration with what is usual for a host. User, identity, seeds and, once it is known, the
// server's key are to be set.
//
// # Safety
// `config` leads to a place of `size` bytes, which are those of a breeze_config.
breeze_result breeze_config_default(struct breeze_config *config,
                                    size_t size);

// Says how large the buffers of a link have to be with these limits: one that receives, for whatever
// peers send, and one that sends, for the longest message that such a client takes in.
//
// # Safety
// `config` leads to a configuration, `receive` and `send` to places for a size.
breeze_result breeze_config_buffers(const struct breeze_config *config,
                                    size_t *receive,
                                    size_t *send);

// Returns the bytes of storage that a client of a breeze_capacity takes, 0 if there is no such
// capacity. It changes with the version of the library.
size_t breeze_client_size(uint32_t capacity);

// Makes a client in storage of the host's, at least breeze_client_size bytes that are aligned to
// BREEZE_CLIENT_ALIGN. Nothing is ever allocated for it: it is all there.
//
// The client wants to log in to its server at once: breeze_client_poll says what to do. It is ended
// with breeze_client_deinit, and must not be moved.
//
// # Safety
// `storage` leads to `storage_size` bytes that are nobody else's until the client was ended; `config`
// leads to a configuration, and `client` to a place for a pointer.
breeze_result breeze_client_init(uint8_t *storage,
                                 size_t storage_size,
                                 uint32_t capacity,
                                 const struct breeze_config *config,
                                 uint64_t now_ms,
                                 struct breeze_client **client);

// Ends a client that breeze_client_init made, and wipes its secrets. The storage is the host's again.
// Nothing is said to anybody: breeze_client_close does that before, and the loop that follows it.
//
// # Safety
// `client` leads to the storage of a client, or of one that was ended.
breeze_result breeze_client_deinit(struct breeze_client *client);

// Makes a client in memory that the library takes, as breeze_client_init does. It is ended with
// breeze_client_free.
//
// # Safety
// `config` leads to a configuration, and `client` to a place for a pointer.
breeze_result breeze_client_new(uint32_t capacity,
                                const struct breeze_config *config,
                                uint64_t now_ms,
                                struct breeze_client **client);

// Ends a client that breeze_client_new made, wipes its secrets and gives its memory back; NULL is fine.
// Nothing is said to anybody: breeze_client_close does that before, and the loop that follows it.
//
// # Safety
// `client` is NULL, or was made by breeze_client_new and not freed since.
breeze_result breeze_client_free(struct breeze_client *client);

// Takes in that a pipe which BREEZE_OUTPUT_KIND_OPEN asked for is open. `ephemeral` is 32 fresh secret bytes
// from a strong random source.
//
// # Safety
// `client` leads to a client, `ephemeral` to 32 bytes.
breeze_result breeze_client_opened(struct breeze_client *client,
                                   uint64_t now_ms,
                                   uint64_t link,
                                   const uint8_t *ephemeral);

// Takes in that a peer at `from` opened a pipe to this client, and names the link. `ephemeral` is 32
// fresh secret bytes from a strong random source. If the link is not accepted, the host closes the
// pipe.
//
// # Safety
// `client` leads to a client, `from` to an address, `ephemeral` to 32 bytes, `link` to a place for a
// number.
breeze_result breeze_client_accepted(struct breeze_client *client,
                                     uint64_t now_ms,
                                     const struct breeze_address *from,
                                     const uint8_t *ephemeral,
                                     uint64_t *link);

// Takes in that a pipe broke, was closed by the other side, or could not be opened.
//
// # Safety
// `client` leads to a client.
breeze_result breeze_client_closed(struct breeze_client *client, uint64_t now_ms, uint64_t link);

// Takes in the `len` bytes that a link's buffer holds, and changes them: what is sealed is opened in
// place.
//
// `received` says how many bytes the host drops from the front, and may hold a message, whose texts lie
// in these bytes. The host calls again with the bytes that remain, joined by new ones at the end, as
// long as something was consumed or a message was given; then it reads on. If files are taken, it calls
// breeze_client_received_files instead.
//
// # Safety
// `client` leads to a client, `bytes` to `len` bytes, `received` to a place of `size` bytes, which are
// those of a breeze_received.
breeze_result breeze_client_received(struct breeze_client *client,
                                     uint64_t now_ms,
                                     uint64_t link,
                                     uint8_t *bytes,
                                     size_t len,
                                     struct breeze_received *received,
                                     size_t size);

// Takes in that time has passed: at the instant of the last BREEZE_OUTPUT_KIND_WAIT, or any other.
//
// # Safety
// `client` leads to a client.
breeze_result breeze_client_timeout(struct breeze_client *client, uint64_t now_ms);

// Fills a buffer with bytes for a link and writes their number to `len`, 0 if there is nothing to send.
//
// The host calls this when the link's pipe can take bytes, and sends every byte before it calls again.
// breeze_config_buffers says how large the buffer should be: a message that does not fit waits for ever.
//
// # Safety
// `client` leads to a client, `buffer` to `size` bytes, `len` to a place for a size.
breeze_result breeze_client_transmit(struct breeze_client *client,
                                     uint64_t now_ms,
                                     uint64_t link,
                                     uint8_t *buffer,
                                     size_t size,
                                     size_t *len);

// Takes in bytes as breeze_client_received does, and what came of a file: `arrived` says what that means.
//
// The host calls again as long as something was consumed, or a message was given, or the kind of `arrived`
// is not BREEZE_ARRIVED_KIND_NONE. What `arrived` leads to lies in these bytes.
//
// # Safety
// As of breeze_client_received; `transfers` leads to a table, `arrived` to a place of `arrived_size`
// bytes, which are those of a breeze_arrived.
breeze_result breeze_client_received_files(struct breeze_client *client,
                                           struct breeze_transfers *transfers,
                                           uint64_t now_ms,
                                           uint64_t link,
                                           uint8_t *bytes,
                                           size_t len,
                                           struct breeze_received *received,
                                           size_t size,
                                           struct breeze_arrived *arrived,
                                           size_t arrived_size);

// Fills a buffer as breeze_client_transmit does, with what `transfers` have to send behind all else;
// `source` gives the bytes of files right where they go, and is NULL for a host that only takes some.
//
// Only what is sent so is said of files. breeze_config_buffers says how large the buffer should be.
//
// # Safety
// As of breeze_client_transmit; `transfers` leads to a table, `source`, unless it is NULL, to a source
// whose functions may be called with its context.
breeze_result breeze_client_transmit_files(struct breeze_client *client,
                                           struct breeze_transfers *transfers,
                                           const struct breeze_source *source,
                                           uint64_t now_ms,
                                           uint64_t link,
                                           uint8_t *buffer,
                                           size_t size,
                                           size_t *len);

// Notes that something of a file is to go to a user, once there is a way, as
// BREEZE_FILE_OUTPUT_KIND_KICK asks for.
//
// # Safety
// `client` leads to a client, `user` to a text that ends with a NUL.
breeze_result breeze_client_kick_files(struct breeze_client *client,
                                       uint64_t now_ms,
                                       const char *user);

// Says what the host does next. After every call that changes something it calls this until the kind is
// BREEZE_OUTPUT_KIND_WAIT. Nothing times out here: `now_ms` is for the choice only.
//
// # Safety
// `client` leads to a client, `output` to a place of `size` bytes, which are those of a breeze_output.
breeze_result breeze_client_poll(struct breeze_client *client,
                                 uint64_t now_ms,
                                 struct breeze_output *output,
                                 size_t size);

// Says where a client stands.
//
// # Safety
// `client` leads to a client, `state` to a place of `size` bytes, which are those of a breeze_state.
breeze_result breeze_client_state(struct breeze_client *client,
                                  struct breeze_state *state,
                                  size_t size);

// Tells whether nothing is sent to a user, since it has another key than the one that was verified.
// That ends when the host pins the other one, or the user is back with the first.
//
// # Safety
// `client` leads to a client, `user` to a text that ends with a NUL, `is_blocked` to a place for a
// bool.
breeze_result breeze_client_is_blocked(struct breeze_client *client,
                                       const char *user,
                                       bool *is_blocked);

// Offers a stream to a user under a number that the host draws at random, and keeps: another one for
// each stream, the same whenever it offers that one again, after a restart for instance.
//
// `limit` is how many bytes of it go out a second at most, 0 for no limit. The user's answer is
// BREEZE_ARRIVED_KIND_WANTED, after which breeze_client_transmit_files asks for the bytes, or
// BREEZE_ARRIVED_KIND_ENDED. BREEZE_RESULT_TRANSFERS_FULL: there is no slot, later.
//
// # Safety
// `transfers` leads to a table, `to` to a text that ends with a NUL, `offer` to an offer and its name.
breeze_result breeze_transfers_offer(struct breeze_transfers *transfers,
                                     const char *to,
                                     uint64_t number,
                                     const struct breeze_offer *offer,
                                     uint64_t limit);

// Accepts a stream that was offered, with the `size` and `root` (32 bytes) of the offer, of which the
// host has all up to `start`: 0, or the beginning of a block that it kept, or the end.
//
// `round` is a random number, another one at each start. A host that has a part of the next block gives
// that to breeze_transfers_refill before it calls breeze_transfers_poll. BREEZE_RESULT_TRANSFERS_FULL: there
// is no slot, later. BREEZE_RESULT_BAD_VALUE: there is no such start, or the hash is not that of a stream of
// no bytes.
//
// # Safety
// `transfers` leads to a table, `from` to a text that ends with a NUL, `root` to 32 bytes.
breeze_result breeze_transfers_accept(struct breeze_transfers *transfers,
                                      const char *from,
                                      uint64_t number,
                                      uint64_t size,
                                      const uint8_t *root,
                                      uint32_t round,
                                      uint64_t start);

// Takes in `len` bytes of the next block of a stream that the host has from before, in order.
//
// # Safety
// `transfers` leads to a table, `from` to a text that ends with a NUL, `old` to `len` bytes.
breeze_result breeze_transfers_refill(struct breeze_transfers *transfers,
                                      const char *from,
                                      uint64_t number,
                                      const uint8_t *old,
                                      size_t len);

// Notes that the host has written all of a stream up to the place `upto`: more may come.
//
// # Safety
// `transfers` leads to a table, `from` to a text that ends with a NUL.
breeze_result breeze_transfers_written(struct breeze_transfers *transfers,
                                       const char *from,
                                       uint64_t number,
                                       uint64_t upto);

// Notes that a stream's bytes, or its proofs, are at hand again.
//
// # Safety
// `transfers` leads to a table, `to` to a text that ends with a NUL.
breeze_result breeze_transfers_ready(struct breeze_transfers *transfers,
                                     const char *to,
                                     uint64_t number);

// Has the sender of a stream stop for now; `reason` is a breeze_hold_reason. What is under way is
// dropped, and comes again.
//
// # Safety
// `transfers` leads to a table, `from` to a text that ends with a NUL.
breeze_result breeze_transfers_hold(struct breeze_transfers *transfers,
                                    const char *from,
                                    uint64_t number,
                                    uint32_t reason);

// Has the sender of a stream that was held go on.
//
// # Safety
// `transfers` leads to a table, `from` to a text that ends with a NUL.
breeze_result breeze_transfers_release(struct breeze_transfers *transfers,
                                       const char *from,
                                       uint64_t number);

// Ends a transfer, known or not, and has the other side told so: `by_sender` if it goes from here to
// `other`. `end` is a breeze_file_end.
//
// It is told once. Whoever does not hear of it offers or wants the stream again, which the host answers
// in the same way. BREEZE_RESULT_TRANSFERS_FULL: it is not known, and there is no slot to tell it; the other
// side asks again.
//
// # Safety
// `transfers` leads to a table, `other` to a text that ends with a NUL.
breeze_result breeze_transfers_end(struct breeze_transfers *transfers,
                                   const char *other,
                                   uint64_t number,
                                   bool by_sender,
                                   uint32_t end);

// Forgets a transfer without a word to the other side: `by_sender` if it goes from here to `other`.
//
// # Safety
// `transfers` leads to a table, `other` to a text that ends with a NUL.
breeze_result breeze_transfers_forget(struct breeze_transfers *transfers,
                                      const char *other,
                                      uint64_t number,
                                      bool by_sender);

// Takes in that the way to a user has changed, as BREEZE_EVENT_KIND_PATH tells: what was under way may be
// lost, and both sides say where they stand.
//
// # Safety
// `transfers` leads to a table, `other` to a text that ends with a NUL.
breeze_result breeze_transfers_on_path(struct breeze_transfers *transfers,
                                       uint64_t now_ms,
                                       const char *other);

// Returns the bytes of storage that a table of so many transfers takes: 1, 2, 4, 16 or 64; 0 if there
// is no such table. Each takes some 2 KiB. It changes with the version of the library.
size_t breeze_transfers_size(uint32_t slots);

// Makes a table of 1, 2, 4, 16 or 64 transfers in storage of the host's, at least breeze_transfers_size
// bytes that are aligned to BREEZE_TRANSFERS_ALIGN. Nothing is ever allocated for it, and no bytes of
// files are in it.
//
// A transfer is one from its offer, or its acceptance, until it was ended, and that told to the other
// side. While the table is made, the stack may hold as much again for a moment. It is ended with
// breeze_transfers_deinit, and must not be moved.
//
// # Safety
// `storage` leads to `storage_size` bytes that are nobody else's until the table was ended; `transfers`
// leads to a place for a pointer.
breeze_result breeze_transfers_init(uint8_t *storage,
                                    size_t storage_size,
                                    uint32_t slots,
                                    struct breeze_transfers **transfers);

// Ends a table that breeze_transfers_init made, and wipes it. The storage is the host's again. Nothing
// is said to anybody.
//
// # Safety
// `transfers` leads to the storage of a table, or of one that was ended.
breeze_result breeze_transfers_deinit(struct breeze_transfers *transfers);

// Makes a table in memory that the library takes, as breeze_transfers_init does. It is ended with
// breeze_transfers_free.
//
// # Safety
// `transfers` leads to a place for a pointer.
breeze_result breeze_transfers_new(uint32_t slots, struct breeze_transfers **transfers);

// Ends a table that breeze_transfers_new made, and gives its memory back; NULL is fine. Nothing is said
// to anybody.
//
// # Safety
// `transfers` is NULL, or was made by breeze_transfers_new and not freed since.
breeze_result breeze_transfers_free(struct breeze_transfers *transfers);

// Hashes a block of a stream of `size` bytes, from 0: all of its `len` bytes, BREEZE_BLOCK but for the
// last one.
//
// The hash of the only block is that of the stream, which breeze_offer.root takes, as is that of the
// block 0 of a stream of no bytes; else breeze_tree_join makes the stream's of all its blocks'. A host
// without the memory for a block takes the BLAKE3 hash of the whole stream from elsewhere.
//
// # Safety
// `block_bytes` leads to `len` bytes, `hash` to a place for a hash.
breeze_result breeze_block_hash(uint64_t size,
                                uint64_t block,
                                const uint8_t *block_bytes,
                                size_t len,
                                struct breeze_hash *hash);

// Says what the host does next about files. After every call with these transfers, also those of a client,
// it calls this until the kind is BREEZE_FILE_OUTPUT_KIND_WAIT, and then breeze_client_poll.
//
// # Safety
// `transfers` leads to a table, `output` to a place of `size` bytes, which are those of a
// breeze_file_output.
breeze_result breeze_transfers_poll(struct breeze_transfers *transfers,
                                    struct breeze_file_output *output,
                                    size_t size);

// Takes in that time has passed: at the instant of the last BREEZE_FILE_OUTPUT_KIND_WAIT, or any other.
//
// # Safety
// `transfers` leads to a table.
breeze_result breeze_transfers_timeout(struct breeze_transfers *transfers,
                                       uint64_t now_ms);

// Returns how many hashes the tree of a stream of `size` bytes has, 32 bytes for each; 0 if they are
// more than this machine can hold.
size_t breeze_tree_size(uint64_t size);

// Makes a tree of the hashes of a stream's blocks, which the host has put at the front of `tree`, as
// breeze_block_hash gives them; `count` is breeze_tree_size. `root`, the hash of the stream, is the last
// one.
//
// # Safety
// `tree` leads to `count` hashes, `root` to a place for a hash.
breeze_result breeze_tree_join(uint64_t size,
                               struct breeze_hash *tree,
                               size_t count,
                               struct breeze_hash *root);

// Gives what breeze_source.proof has to: the hashes at `proof`, which has room for BREEZE_PROOF_SIZE, and
// their number. `tree` is what breeze_tree_join made for the stream.
//
// # Safety
// `tree` leads to `count` hashes, `proof` to BREEZE_PROOF_SIZE of them, `len` to a place for a size.
breeze_result breeze_tree_proof(uint64_t size,
                                const struct breeze_hash *tree,
                                size_t count,
                                uint64_t block,
                                struct breeze_hash *proof,
                                size_t *len);

// Says where the lines of the library's log go, and how many: a breeze_log_level. It is for the whole
// process, and to be called once, before the first client is made. Without it nothing is logged.
//
// # Safety
// `function` may be called with `context` for as long as the process lives.
breeze_result breeze_log_to(breeze_log_function function,
                            void *context,
                            uint32_t level);

// Sends a text to a user. Events about it carry `reference`, a text of up to 128 bytes; NULL for none.
//
// # Safety
// `node` leads to a node, `to` and `text` to texts that end with a NUL, and so does `reference` unless it
// is NULL.
breeze_result breeze_node_send(const struct breeze_node *node,
                               const char *to,
                               const char *text,
                               const char *reference);

// Gives a command: a line of JSON, as `breeze up --json` reads it. What becomes of it, events tell.
//
// # Safety
// `node` leads to a node, `line` to a text that ends with a NUL.
breeze_result breeze_node_command(const struct breeze_node *node, const char *line);

// Takes the next event: a line of JSON, as `breeze up --json` writes it, and a NUL in the place of its
// end. Waits for it, up to `timeout_ms`, or without end if that is BREEZE_NEVER. `len` is the length of
// the text.
//
// BREEZE_RESULT_TIMED_OUT: none came. BREEZE_RESULT_ENDED: none will. BREEZE_RESULT_BUFFER_TOO_SMALL: it
// takes `len` bytes and a NUL, and is still the next one; 4 MiB are always enough.
//
// # Safety
// `node` leads to a node, `buffer` to `size` bytes, `len` to a place for a size.
breeze_result breeze_node_next_event(const struct breeze_node *node,
                                     uint64_t timeout_ms,
                                     char *buffer,
                                     size_t size,
                                     size_t *len);

// Writes a file descriptor that is readable while an event waits, or is about to come, and once no more
// will: to be polled, and not to be read or closed. It lives as long as the node.
//
// # Safety
// `node` leads to a node, `fd` to a place for a number.
breeze_result breeze_node_fd(const struct breeze_node *node,
                             int *fd);

// Asks a node to end in good order: messages on their way have a little time to arrive, and others hear
// of it. It takes no more commands; events come until it has ended. Doing it twice is harmless.
//
// # Safety
// `node` leads to a node.
breeze_result breeze_node_stop(const struct breeze_node *node);

// Fills the options with what is usual.
//
// # Safety
// `options` leads to a place of `size` bytes, which are those of a breeze_node_options.
breeze_result breeze_node_options_default(struct breeze_node_options *options, size_t size);

// Starts a node, with a thread of its own; it logs in by itself, and events tell when it has. Other
// programs on the same home directory, such as `breeze who`, can use it meanwhile. It is ended with
// breeze_node_free.
//
// If it cannot be started the result is BREEZE_RESULT_NOT_STARTED, and `error` has what is wrong and what
// to do about it: a text that ends with a NUL, without what does not fit.
//
// # Safety
// `options` leads to options, `node` to a place for a pointer, and `error` to `error_size` bytes; it may be
// NULL if that is 0.
breeze_result breeze_node_start(const struct breeze_node_options *options,
                                struct breeze_node **node,
                                char *error,
                                size_t error_size);

// Ends a node in good order, as breeze_node_stop does, waits for that, some seconds at most, and gives
// back what it took; NULL is fine. Events that were not taken are lost; no message is.
//
// # Safety
// `node` is NULL, or was made by breeze_node_start and not freed since; no other call with it is under
// way.
breeze_result breeze_node_free(struct breeze_node *node);

// Takes the report of a mistake in Breeze, a text of `len` bytes, and never returns: a device
// resets. The host of a library without `std` brings it.
extern void breeze_host_panic(const uint8_t *report, size_t len);

// Returns a short text on a result, for people; never NULL, and valid for ever.
const char *breeze_result_text(uint32_t result);

// Computes the public key that goes with an identity, which is 32 secret bytes.
//
// # Safety
// `identity` leads to 32 bytes, `key` to a place for a key.
breeze_result breeze_identity_key(const uint8_t *identity, struct breeze_key *key);

// Computes the fingerprint of a key.
//
// # Safety
// `key` leads to a key, `fingerprint` to a place for its fingerprint.
breeze_result breeze_key_fingerprint(const struct breeze_key *key,
                                     struct breeze_fingerprint *fingerprint);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BREEZE_H */
