/* Only the right hello opens the door, whatever comes instead of it. */
#include "bench/worker.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* An engine that sends into a buffer, and receives what the fuzzer says. */
static unsigned char  sent[64];
static const void    *coming;
static int64_t        coming_length;
static struct ipc_end the_end;

static void *reserve(struct ipc_end *end)
{
	(void)end;
	return sent;
}

static enum ipc_rc commit(struct ipc_end *end, size_t length, unsigned flags)
{
	(void)end;
	(void)flags;
	REQUIRE(length == PM_HELLO_SIZE);
	return IPC_OK;
}

static enum ipc_rc flush(struct ipc_end *end)
{
	(void)end;
	return IPC_OK;
}

static int64_t next(struct ipc_hub *hub, struct ipc_end **from,
		    const void **data)
{
	(void)hub;
	*from = &the_end;
	*data = coming;
	if (coming_length)
		return coming_length;
	return ipc_refuse(&the_end.err, IPC_EOF, "read", "it left");
}

static const struct ipc_engine engine = {
	.name = "fuzz", .reserve = reserve, .commit = commit, .flush = flush,
	.next = next
};

/* Both ends, made once; the producer has said its hello. */
static struct pm_worker *consumer(void)
{
	static struct pm_worker w;

	if (!w.engine) {
		w.engine = &engine;
		w.end = &the_end;
		w.token = UINT64_C(0x123456789abcdef0);
		pm_cell_init(&w.cell);
		REQUIRE(!pm_cell_finish(&w.cell, NULL));
		w.role = PM_PRODUCER;
		REQUIRE(!pm_worker_hello(&w));
		w.role = PM_CONSUMER;
	}
	w.err.rc = IPC_OK;
	w.err.what[0] = '\0';
	return &w;
}

/* An even first byte: the rest as it is; an odd one: changes to the right one. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char *message;
	struct pm_worker *w;
	size_t length;
	enum ipc_rc rc;
	bool right;

	if (!size)
		return 0;
	w = consumer();
	length = size - 1;
	if (data[0] & 1 && length < PM_HELLO_SIZE)
		length = PM_HELLO_SIZE;
	message = calloc(1, length + 1);
	REQUIRE(message);
	memcpy(message, data + 1, size - 1);
	for (size_t i = 0; data[0] & 1 && i < PM_HELLO_SIZE; i++)
		message[i] ^= sent[i];
	right = length == PM_HELLO_SIZE && !memcmp(message, sent, length);
	coming = message;
	coming_length = (int64_t)length;
	rc = pm_worker_hello(w);
	REQUIRE((rc == IPC_OK) == right);
	REQUIRE(right || (w->err.rc < 0 && w->err.what[0]));
	free(message);
	return 0;
}
