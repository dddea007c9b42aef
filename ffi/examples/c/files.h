/*
 * What client.c does about files, on a library with the feature files: it takes whatever is offered to
 * it, up to MAX_FILE bytes, into the folder DIR/files, and offers files of its own to others.
 *
 * What is taken lies in DIR/parts until it is complete, and never replaces a file that is there already.
 * Unlike a host for more than an example, it forgets its transfers when it ends.
 */
enum { TRANSFERS = 16, MAX_FILE = 64 * 1024 * 1024 };

struct file {
    int fd; /* -1 while the place is free, or once it is done */
    bool is_taken, is_done;
    char user[BREEZE_USER_SIZE];
    uint64_t number, size;
    char name[256];
    /* Of one that is given. */
    breeze_hash *tree;
    size_t tree_len;
};

static struct file files[TRANSFERS];
static breeze_transfers *transfers;

static struct file *find_file(const char *user, uint64_t number, bool is_taken)
{
    for (struct file *file = files; file < files + TRANSFERS; file++)
        if (file->user[0] && file->number == number && file->is_taken == is_taken &&
            strcmp(file->user, user) == 0)
            return file;
    return NULL;
}

/* Gives a free place, or that of one that is over. */
static struct file *take_file(const char *user, uint64_t number, bool is_taken, int fd)
{
    struct file *place = NULL;
    for (struct file *file = files; file < files + TRANSFERS; file++)
        if (!file->user[0] || (!place && file->is_done)) place = file;
    if (!place) return NULL;
    *place = (struct file){.fd = fd, .is_taken = is_taken, .number = number};
    snprintf(place->user, sizeof place->user, "%s", user);
    return place;
}

static void drop_file(struct file *file)
{
    if (file->fd >= 0) close(file->fd);
    free(file->tree);
    *file = (struct file){.fd = -1};
}

/* Where one that is taken lies: its name was checked by the library, and is no path. */
static const char *place_of(const struct file *file, bool is_part)
{
    static char paths[2][1024];
    char *path = paths[is_part];
    if (is_part)
        snprintf(path, sizeof paths[0], "%s/parts/%s-%016llx", folder, file->user,
                 (unsigned long long)file->number);
    else
        snprintf(path, sizeof paths[0], "%s/files/%s", folder, file->name);
    return path;
}

static void end_file(const char *user, uint64_t number, bool by_sender, breeze_file_end end)
{
    breeze_result result = breeze_transfers_end(transfers, user, number, by_sender, end);
    /* Without a place to tell it the other side asks again. */
    if (result != BREEZE_RESULT_TRANSFERS_FULL) check(result, "end");
}

/* One that is taken will not be complete. */
static void fail_file(struct file *file, breeze_file_end end)
{
    printf("file failed %s %s\n", file->user, file->name);
    end_file(file->user, file->number, !file->is_taken, end);
    if (file->is_taken) unlink(place_of(file, true));
    drop_file(file);
}

/* The bytes of those that are given. */

static void give(void *context, const char *to, uint64_t number, uint64_t at, uint8_t *buffer,
                 size_t len)
{
    (void)context;
    struct file *file = find_file(to, number, false);
    /* One that has become shorter is found to be wrong by the other side. */
    if (!file || pread(file->fd, buffer, len, (off_t)at) != (ssize_t)len) memset(buffer, 0, len);
}

static size_t prove(void *context, const char *to, uint64_t number, uint64_t block,
                    breeze_hash *hashes)
{
    (void)context;
    size_t len = BREEZE_NOT_AT_HAND;
    struct file *file = find_file(to, number, false);
    if (file)
        check(breeze_tree_proof(file->size, file->tree, file->tree_len, block, hashes, &len),
              "proof");
    return len;
}

static const breeze_source source = {.read = give, .proof = prove};

/* Hashes a file block by block. */
static bool hash_file(struct file *file, breeze_hash *root)
{
    static uint8_t block[BREEZE_BLOCK];
    uint64_t at = 0;
    file->tree_len = breeze_tree_size(file->size);
    file->tree = calloc(file->tree_len, sizeof *file->tree);
    if (!file->tree) return false;
    do {
        uint64_t left = file->size - at;
        size_t len = left < sizeof block ? (size_t)left : sizeof block;
        uint64_t n = at / BREEZE_BLOCK;
        if (pread(file->fd, block, len, (off_t)at) != (ssize_t)len) return false;
        check(breeze_block_hash(file->size, n, block, len, &file->tree[n]), "hash");
        at += len;
    } while (at < file->size);
    check(breeze_tree_join(file->size, file->tree, file->tree_len, root), "tree");
    return true;
}

/* Offers a file to a user. */
static void offer_file(const char *user, const char *path)
{
    struct stat about;
    uint64_t number;
    draw(&number, sizeof number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        printf("error %s is no file to be read\n", path);
        if (fd >= 0) close(fd);
        return;
    }
    struct file *file = take_file(user, number, false, fd);
    if (!file) {
        printf("error too many files at once\n");
        close(fd);
        return;
    }
    const char *name = strrchr(path, '/');
    snprintf(file->name, sizeof file->name, "%s", name ? name + 1 : path);
    file->size = (uint64_t)about.st_size;
    breeze_offer offer = {
        .name = file->name,
        .name_len = strlen(file->name),
        .kind = BREEZE_FILE_KIND_FILE,
        .executable = (about.st_mode & S_IXUSR) != 0,
        .modified_ns = (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec,
        .size = file->size,
    };
    breeze_result result = BREEZE_RESULT_SYSTEM;
    if (hash_file(file, &offer.root))
        result = breeze_transfers_offer(transfers, user, number, &offer, 0);
    if (result == BREEZE_RESULT_OK) {
        printf("file offered %s %s\n", user, file->name);
    } else {
        printf("error %s\n", breeze_result_text(result));
        drop_file(file);
    }
}

/* Somebody offers one. */
static void take_offer(const breeze_arrived *arrived)
{
    const char *user = arrived->user.text;
    const breeze_offer *offer = &arrived->offer;
    uint32_t round;
    struct file *file = find_file(user, arrived->number, true);
    if (file) {
        /* The sender has not heard that it is complete. */
        if (file->is_done) end_file(user, arrived->number, false, BREEZE_FILE_END_DONE);
        return;
    }
    if (offer->kind != BREEZE_FILE_KIND_FILE || offer->size > MAX_FILE) {
        end_file(user, arrived->number, false, BREEZE_FILE_END_REJECTED);
        return;
    }
    file = take_file(user, arrived->number, true, -1);
    if (!file) {
        end_file(user, arrived->number, false, BREEZE_FILE_END_TOO_MANY);
        return;
    }
    memcpy(file->name, offer->name, offer->name_len);
    file->size = offer->size;
    file->fd = open(place_of(file, true), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    draw(&round, sizeof round);
    if (file->fd < 0)
        fail_file(file, BREEZE_FILE_END_DISK);
    else if (breeze_transfers_accept(transfers, user, arrived->number, offer->size,
                                     offer->root.bytes, round, 0) != BREEZE_RESULT_OK)
        fail_file(file, BREEZE_FILE_END_REJECTED);
}

/* Something has come of a file. */
static void take_in(const breeze_arrived *arrived)
{
    const char *user = arrived->user.text;
    struct file *file;
    switch (arrived->kind) {
    case BREEZE_ARRIVED_KIND_OFFERED:
        take_offer(arrived);
        break;
    case BREEZE_ARRIVED_KIND_DATA:
        file = find_file(user, arrived->number, true);
        if (!file) break;
        if (pwrite(file->fd, arrived->bytes, arrived->len, (off_t)arrived->at) !=
            (ssize_t)arrived->len)
            fail_file(file, BREEZE_FILE_END_DISK);
        else
            check(breeze_transfers_written(transfers, user, arrived->number,
                                           arrived->at + arrived->len),
                  "written");
        break;
    case BREEZE_ARRIVED_KIND_WRONG_BLOCK:
        file = find_file(user, arrived->number, true);
        if (file && arrived->flag) fail_file(file, BREEZE_FILE_END_CORRUPT);
        break;
    case BREEZE_ARRIVED_KIND_ENDED:
        file = find_file(user, arrived->number, arrived->flag);
        if (!file || file->is_done) break;
        printf("file ended %s %s %s\n", user, file->name, arrived->reason_text);
        if (file->is_taken) unlink(place_of(file, true));
        drop_file(file);
        break;
    case BREEZE_ARRIVED_KIND_MISSED:
        end_file(user, arrived->number, true, BREEZE_FILE_END_UNKNOWN);
        break;
    case BREEZE_ARRIVED_KIND_REFUSED:
        file = find_file(user, arrived->number, false);
        if (file) printf("file waits %s %s %s\n", user, file->name, arrived->reason_text);
        break;
    default: /* It goes on by itself. */
        break;
    }
}

/* All of one has come. */
static void complete_file(const char *user, uint64_t number)
{
    struct file *file = find_file(user, number, true);
    if (!file) return;
    if (fsync(file->fd) != 0 || link(place_of(file, true), place_of(file, false)) != 0) {
        fail_file(file, errno == EEXIST ? BREEZE_FILE_END_REJECTED : BREEZE_FILE_END_DISK);
        return;
    }
    unlink(place_of(file, true));
    close(file->fd);
    file->fd = -1;
    file->is_done = true;
    end_file(user, number, false, BREEZE_FILE_END_DONE);
    printf("file taken %s %s\n", user, file->name);
}

/* Does what the transfers ask for, and returns when they want to be woken. */
static uint64_t drive_files(void)
{
    for (;;) {
        breeze_file_output output;
        check(breeze_transfers_poll(transfers, &output, sizeof output), "poll");
        const char *user = output.user.text;
        switch (output.kind) {
        case BREEZE_FILE_OUTPUT_KIND_KICK:
            check(breeze_client_kick_files(client, now(), user), "kick");
            break;
        case BREEZE_FILE_OUTPUT_KIND_COMPLETE:
            complete_file(user, output.number);
            break;
        case BREEZE_FILE_OUTPUT_KIND_TOO_LARGE_FOR_RELAY:
            printf("file waits %s for a direct link\n", user);
            break;
        default:
            return output.until_ms;
        }
    }
}

static void start_files(void)
{
    char path[1024];
    const char *places[] = {"files", "parts"};
    for (size_t n = 0; n < 2; n++) {
        snprintf(path, sizeof path, "%s/%s", folder, places[n]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) fail(path);
    }
    for (struct file *file = files; file < files + TRANSFERS; file++) file->fd = -1;
    check(breeze_transfers_new(TRANSFERS, &transfers), "transfers");
}

static void end_files(void)
{
    for (struct file *file = files; file < files + TRANSFERS; file++) {
        if (file->is_taken && file->fd >= 0) unlink(place_of(file, true));
        drop_file(file);
    }
    check(breeze_transfers_free(transfers), "free");
}
