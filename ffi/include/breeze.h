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
 *   There are no callbacks but for the log.
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
 *   in the buffer of the host's that it came in.
 *
 * THREADS
 *   One client: calls from one thread at a time; which one does not matter, and a call while another is
 *   under way gives BREEZE_RESULT_IN_USE (where the processor can tell). Different clients: from any
 *   threads at once. A node: from any threads at once; only breeze_node_free must be the last call.
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
  // Another thread is in a call with this client.
  BREEZE_RESULT_IN_USE = 10,
  // A code or password has more than 128 bytes.
  BREEZE_RESULT_BAD_TICKET = 11,
  // The buffer is too small for the answer; the length that it takes was written.
  BREEZE_RESULT_BUFFER_TOO_SMALL = 12,
  // A line is no command.
  BREEZE_RESULT_BAD_COMMAND = 13,
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
// long as something was consumed or a message was given; then it reads on.
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
