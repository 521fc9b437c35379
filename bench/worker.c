/* The life of one end: open, hello, warm-up, barrier, measure, report. */
#include "bench/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/connect.h"
#include "bench/knob.h"
#include "ipc/mem.h"
#include "ipc/sys.h"

static enum ipc_rc say(struct pm_worker *w, const char *line)
{
	if (!w->control)
		return IPC_OK;
	return ipc_channel_send(&w->channel, line, strlen(line), &w->err);
}

/* Wait for one word of the runner; by hand nobody says it. */
static enum ipc_rc hear(struct pm_worker *w, const char *word)
{
	char *line;
	enum ipc_rc rc;

	if (!w->control)
		return IPC_OK;
	rc = ipc_channel_line(&w->channel, UINT64_MAX, &line, &w->err);
	if (!rc && strcmp(line, word))
		rc = ipc_refusef(&w->err, IPC_TIMEOUT, "control",
				 "told to %.40s", line);
	return rc;
}

static enum ipc_rc open_control(struct pm_worker *w)
{
	ipc_handle handles[2];
	char one[32];
	const char *comma = strchr(w->control, ',');

	if (!comma)
		return ipc_refuse(&w->err, IPC_INVALID, "--control",
				  w->control);
	snprintf(one, sizeof(one), "%.*s", (int)(comma - w->control),
		 w->control);
	if (ipc_handle_parse(one, &handles[0]) ||
	    ipc_handle_parse(comma + 1, &handles[1]))
		return ipc_refuse(&w->err, IPC_INVALID, "--control",
				  w->control);
	ipc_die_with_parent();
	ipc_interrupt_ignore();
	return ipc_channel_open(&w->channel, handles[0], handles[1], &w->err);
}

static enum ipc_rc settle(struct pm_worker *w)
{
	const struct pm_config *config = &w->cell.config;
	enum ipc_rc rc;

	rc = w->clock_text
	     ? ipc_clock_adopt(w->clock_text, &w->run.clock, &w->err)
	     : ipc_clock_measure(&w->run.clock, &w->err);
	if (!rc && w->cpu >= 0)
		rc = ipc_pin((unsigned)w->cpu, &w->err);
	if (!rc && strcmp(config->priority, "normal"))
		rc = ipc_set_priority(config->priority, &w->err);
	if (!rc && config->lock_memory)
		rc = ipc_lock_memory(&w->err);
	return rc;
}

static enum ipc_rc resolve(struct pm_worker *w)
{
	const struct pm_config *c = &w->cell.config;
	enum ipc_rc rc;

	w->duplex = c->workload == PM_WORKLOAD_PINGPONG;
	w->paced = c->workload == PM_WORKLOAD_PACED;
	rc = ipc_resolve(&c->io, pm_two_way(c), c->message_min,
			 c->message > c->reply ? c->message : c->reply,
			 &w->pairing, &w->err);
	if (w->role == PM_CONSUMER && c->io.exchange == IPC_EXCHANGE_TRANSACT)
		/* it answers; who asks transacts */
		w->cell.config.io.exchange = IPC_EXCHANGE_WRITE_READ;
	w->engine = w->role == PM_PRODUCER ? w->pairing.producer
					   : w->pairing.consumer;
	w->opaque = !rc && w->pairing.consumer->gives & IPC_CAP_OPAQUE;
	w->alone = !rc && c->workload == PM_WORKLOAD_CONNECT &&
		   w->pairing.transport && w->pairing.transport->pair;
	return rc;
}

enum ipc_rc pm_worker_ready(struct pm_worker *w)
{
	enum ipc_rc rc = say(w, "ready\n");

	return rc ? rc : hear(w, "warm");
}

enum ipc_rc pm_worker_warmed(struct pm_worker *w, uint64_t messages)
{
	char line[64];
	enum ipc_rc rc;

	if (w->foreign)
		return IPC_OK;
	snprintf(line, sizeof(line), "warmed %" PRIu64 "\n", messages);
	rc = say(w, line);
	if (!rc)
		rc = hear(w, "go");
	if (!rc && w->control)
		rc = ipc_channel_watch(&w->channel, &w->stop, &w->err);
	return rc;
}

static enum ipc_rc live(struct pm_worker *w)
{
	struct pm_snapshot before, after;
	enum ipc_rc rc = settle(w);

	if (!rc)
		rc = resolve(w);
	if (!rc && w->stress)
		rc = pm_worker_stress(w);
	if (!rc)
		rc = pm_worker_prepare(w);
	if (!rc && w->cell.config.workload == PM_WORKLOAD_CONNECT)
		return pm_connect_live(w);
	if (!rc && w->links > 1)
		return pm_many_live(w);
	if (!rc)
		rc = pm_worker_open(w);
	if (rc)
		return rc;
	rc = pm_worker_hello(w);
	if (!rc)
		rc = pm_worker_ready(w);
	if (!rc)
		rc = pm_worker_warm_up(w);
	if (!rc)
		rc = pm_worker_warmed(w, w->run.seq);
	if (rc)
		return rc;
	pm_worker_snapshot(w, &before);
	rc = pm_worker_measure(w);
	pm_worker_snapshot(w, &after);
	if (w->opaque) { /* the end of the stream is the closing message */
		w->engine->detach(w->end);
		w->end = NULL;
	}
	if (!rc)
		pm_worker_report(w, &before, &after);
	return rc;
}

static enum ipc_rc write_out(struct pm_worker *w)
{
	FILE *file;

	if (!w->out_path)
		return IPC_OK;
	file = ipc_file_create(w->out_path, &w->err);
	if (!file)
		return w->err.rc;
	if (fputs(w->report.text, file) < 0 || fclose(file))
		return ipc_fail(&w->err, "write", w->out_path);
	return IPC_OK;
}

/* The link may be stdout; then what is measured goes to stderr. */
static enum ipc_rc tell(struct pm_worker *w, enum ipc_rc rc)
{
	bool out_is_link = w->link_spec && !strcmp(w->link_spec, "-") &&
			   (w->role == PM_PRODUCER || w->duplex);
	char text[512];

	if (rc)
		pm_report_error(&w->report, &w->err);
	if (w->control) {
		if (!w->report.failed)
			ipc_channel_send(&w->channel, w->report.text,
					 w->report.length, NULL);
		ipc_channel_send(&w->channel, "end\n", 4, NULL);
		return rc;
	}
	if (!rc)
		rc = write_out(w);
	if (rc)
		fprintf(stderr, "pipemark-%s: %s\n", pm_end_names[w->role],
			ipc_err_text(&w->err, text, sizeof(text)));
	else
		pm_report_print(&w->report, out_is_link ? stderr : stdout);
	return rc;
}

static int status_of(enum ipc_rc rc)
{
	return rc == IPC_OK            ? 0
	       : rc == IPC_INVALID     ? 2
	       : rc == IPC_UNSUPPORTED ? 3
				       : 4;
}

int pm_worker_main(int role, int argc, char **argv)
{
	static struct pm_worker worker; /* large, and one a process */
	struct pm_worker *w = &worker;
	enum ipc_rc rc = IPC_OK;
	int status;

	ipc_program_start(&argc, &argv);
	w->role = role;
	w->link = (struct ipc_link)IPC_LINK_INIT;
	status = pm_worker_args(w, argc, argv);
	if (status != PM_ARGS_GO)
		return status;
	w->report.end = role;
	if (w->control && open_control(w)) {
		char text[512];

		fprintf(stderr, "pipemark-%s: %s\n", pm_end_names[role],
			ipc_err_text(&w->err, text, sizeof(text)));
		return 2;
	}
	rc = live(w);
	pm_worker_close(w);
	pm_worker_stressed(w);
	rc = tell(w, rc);
	pm_report_free(&w->report);
	return status_of(rc);
}
