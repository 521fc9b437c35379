/* The plan of the paced workload does not depend on what the pipe does. */
#include <math.h>
#include <string.h>

#include "bench/loop.h"
#include "bench/pace.h"
#include "bench/phase.h"
#include "tests/support/tap.h"

enum { MESSAGES_MAX = 20000, SLOW_NS = 200000 };

/* An engine that notes the stamps of each message and takes its time. */
static struct {
	struct ipc_hub      hub;
	struct ipc_end      end;
	struct pm_paced_msg msg, sent[MESSAGES_MAX];
	size_t              count, pushes;
	uint64_t            slow_ticks; /* each commit */
	bool                more;       /* the last commit's IPC_MORE */
} pipe_;

static void *fake_reserve(struct ipc_end *end)
{
	(void)end;
	return &pipe_.msg;
}

static enum ipc_rc fake_commit(struct ipc_end *end, size_t length,
			       unsigned flags)
{
	(void)end;
	(void)length;
	pipe_.more = flags & IPC_MORE;
	pipe_.sent[pipe_.count++ % MESSAGES_MAX] = pipe_.msg;
	pm_spin_ticks(pipe_.slow_ticks);
	return IPC_OK;
}

static enum ipc_rc fake_push(struct ipc_end *end)
{
	(void)end;
	pipe_.pushes++;
	return IPC_OK;
}

/* A read that took several: where the next one starts is up to their size. */
static struct {
	unsigned char bytes[sizeof(struct pm_paced_msg) + 8];
	size_t        at;
} came;

static int64_t fake_next(struct ipc_hub *hub, struct ipc_end **from,
			 const void **data)
{
	(void)hub;
	*from = &pipe_.end;
	*data = came.bytes + came.at;
	return sizeof(struct pm_paced_msg);
}

static const struct ipc_engine fake = {
	.name = "fake",
	.reserve = fake_reserve,
	.commit = fake_commit,
	.push = fake_push,
	.next = fake_next,
};

static struct ipc_clock clock_;
static atomic_bool      stop;
static struct pm_hist   lateness;
static struct pm_pace   pace;
static struct pm_run    run;
static struct pm_phase_plan plan;

static void prepare(uint64_t rate, bool poisson, bool sleeps, uint64_t slow_ns)
{
	memset(&pipe_, 0, sizeof(pipe_));
	pipe_.slow_ticks = ipc_to_ticks(&clock_, slow_ns);
	pace = (struct pm_pace){ .rate = rate, .seed = 5, .poisson = poisson,
				 .sleeps = sleeps, .clock = &clock_,
				 .stop = &stop };
	pm_hist_reset(&lateness);
	run = (struct pm_run){ .hub = &pipe_.hub, .end = &pipe_.end,
			       .io = &fake, .clock = clock_,
			       .size = sizeof(struct pm_paced_msg),
			       .size_min = sizeof(struct pm_paced_msg),
			       .lateness = &lateness, .pace = &pace };
	plan = (struct pm_phase_plan){
		.plain = pm_pace_loops[PM_PLAIN],
		.timed = pm_pace_loops[PM_STAMPED],
		.timed_every = 1,
		.stop = &stop,
		.chunk_ticks = ipc_to_ticks(&clock_, 20000),
	};
}

/* Offsets from the start of what was sent; how many. */
static size_t offsets(uint64_t *out)
{
	for (size_t i = 0; i < pipe_.count; i++)
		out[i] = pipe_.sent[i].planned_ticks - plan.start_ticks;
	return pipe_.count;
}

/* The heart of it: no coordinated omission by construction. */
static bool a_slow_pipe_moves_no_planned_time(void)
{
	static uint64_t fast[MESSAGES_MAX], slow[MESSAGES_MAX];

	for (int poisson = 0; poisson < 2; poisson++) {
		prepare(20000, poisson, false, 0);
		plan.count = 500;
		CHECK(!pm_produce(&run, &plan));
		CHECK_EQ(offsets(fast), 500);
		prepare(20000, poisson, false, SLOW_NS); /* 4 times too slow */
		plan.count = 500;
		CHECK(!pm_produce(&run, &plan));
		CHECK_EQ(offsets(slow), 500);
		for (size_t i = 0; i < 500; i++)
			CHECK_EQ(fast[i], slow[i]);
		/* It did hold the sender up, or the test proves nothing. */
		CHECK(ipc_ns(&clock_, pipe_.sent[499].stamp_ticks -
				      pipe_.sent[499].planned_ticks) >
		      UINT64_C(50000000));
	}
	return true;
}

static bool the_gaps_are_those_asked_for(void)
{
	double sum = 0, squares = 0, n = 200000;
	uint64_t before;

	prepare(30000, false, false, 0); /* a rate that divides no clock */
	pm_pace_start(&pace, 1000, 0);
	for (int i = 1; i < 300000; i++)
		pm_pace_step(&pace);
	/* 10 s later to the tick: no error adds up. */
	CHECK_EQ(pace.next - 1000, clock_.rate * 10);
	prepare(30000, true, false, 0);
	pm_pace_start(&pace, 0, 0);
	for (int i = 0; i < (int)n; i++) {
		double gap;

		before = pace.next;
		pm_pace_step(&pace);
		gap = (double)(pace.next - before) / pace.mean;
		sum += gap;
		squares += gap * gap;
	}
	/* Exponential: the mean is 1 and so is the standard deviation. */
	CHECK(fabs(sum / n - 1) < 0.01);
	CHECK(fabs(sqrt(squares / n - sum / n * (sum / n)) - 1) < 0.02);
	return true;
}

static bool a_seed_is_a_plan(void)
{
	uint64_t first, again, other;

	prepare(1000, true, false, 0);
	pm_pace_start(&pace, 0, 0);
	first = pace.next;
	pm_pace_start(&pace, 0, 0);
	again = pace.next;
	pace.seed++;
	pm_pace_start(&pace, 0, 0);
	other = pace.next;
	CHECK_EQ(first, again);
	CHECK(first != other);
	return true;
}

static bool a_phase_sends_what_is_planned_in_it(void)
{
	prepare(10000, false, true, 0);
	plan.time_ticks = ipc_to_ticks(&clock_, 50000000);
	CHECK(!pm_produce(&run, &plan));
	/* Planned at 0.1 ms, ..., 49.9 ms; 50 ms is the end, to a tick. */
	CHECK(pipe_.count == 499 || pipe_.count == 500 ||
	      plan.end_ticks - plan.start_ticks >= plan.time_ticks);
	CHECK(pipe_.count <= 500);
	return true;
}

/* Not its own lateness: the pipe took that time. */
static bool what_the_pipe_takes_is_not_lateness(void)
{
	double response = 0, late;

	prepare(20000, false, false, SLOW_NS);
	plan.count = 300;
	CHECK(!pm_produce(&run, &plan));
	for (size_t i = 0; i < pipe_.count; i++)
		response += (double)ipc_ns(&clock_,
					   pipe_.sent[i].stamp_ticks -
					   pipe_.sent[i].planned_ticks);
	response /= (double)pipe_.count;
	late = pm_hist_mean(&lateness);
	CHECK_EQ(lateness.n, 300);
	CHECK(response > 20e6); /* 300 x 150 us behind at the end */
	CHECK(late < response / 10);
	return true;
}

/* Its own lateness until it has caught up: nobody else delayed these. */
static bool a_sender_that_stood_still_is_late(void)
{
	uint64_t stall = ipc_to_ticks(&clock_, 20000000);

	prepare(20000, false, false, 0);
	pm_pace_start(&pace, ipc_ticks(), 0);
	CHECK(!plan.plain(&run, 1));
	/* As if it had been stopped while it waited for the second one. */
	pm_spin_ticks(stall);
	pace.sent = ipc_ticks();
	CHECK(!plan.plain(&run, 300));
	CHECK(lateness.max > 19000000);
	CHECK(pm_hist_quantile(&lateness, 0.5) > 10e6); /* not the first alone */
	return true;
}

static bool gathered_messages_are_released_in_time(void)
{
	int tries = 0;

	/* In each gap of 1 ms, unless this program had to catch up: in all of
	 * them, if a busy machine has stopped it for 10 ms. */
	do {
		prepare(1000, false, false, 0);
		pace.collect_bytes = 1 << 20;
		pace.collect_ticks = ipc_to_ticks(&clock_, 300000);
		plan.count = 10;
		CHECK(!pm_produce(&run, &plan));
		CHECK(pipe_.more);
	} while (!pipe_.pushes && ++tries < 20);
	CHECK(pipe_.pushes >= 1 && pipe_.pushes <= 9);
	prepare(1000, false, false, 0);
	pace.collect_bytes = 1 << 20;
	plan.count = 10;
	CHECK(!pm_produce(&run, &plan));
	CHECK_EQ(pipe_.pushes, 0); /* no time-out: until they are together */
	return true;
}

static bool a_stop_ends_the_wait(void)
{
	prepare(1, false, true, 0);
	plan.count = 5;
	atomic_store(&stop, true);
	CHECK(!pm_produce(&run, &plan));
	atomic_store(&stop, false);
	CHECK(plan.stopped);
	CHECK_EQ(pipe_.count, 0);
	return true;
}

/* Only the sanitizer's build, and some ARMs, see the difference. */
static bool a_message_may_start_anywhere(void)
{
	static pm_loop *const *const loops[] = { pm_receive_loops,
						 pm_arrive_loops };

	for (came.at = 0; came.at < 8; came.at++) {
		struct pm_paced_msg msg = { 0, ipc_ticks(), ipc_ticks() };

		memcpy(came.bytes + came.at, &msg, sizeof(msg));
		for (int i = 0; i < 2; i++)
			for (int v = PM_PLAIN; v <= PM_CAREFUL; v++) {
				prepare(1000, false, false, 0);
				run.hist = run.service = &lateness;
				CHECK(!loops[i][v](&run, 3));
				CHECK_EQ(run.seq, 3);
			}
	}
	return true;
}

int main(void)
{
	struct ipc_err err;

	tap_start(120);
	if (ipc_clock_measure(&clock_, &err) ||
	    pm_hist_init(&lateness, 2, &err))
		return 1;
	TEST(a_slow_pipe_moves_no_planned_time);
	TEST(the_gaps_are_those_asked_for);
	TEST(a_seed_is_a_plan);
	TEST(a_phase_sends_what_is_planned_in_it);
	TEST(what_the_pipe_takes_is_not_lateness);
	TEST(a_sender_that_stood_still_is_late);
	TEST(gathered_messages_are_released_in_time);
	TEST(a_stop_ends_the_wait);
	TEST(a_message_may_start_anywhere);
	pm_hist_free(&lateness);
	return tap_done();
}
